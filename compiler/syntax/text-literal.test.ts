import { expect, test } from "vitest";

import { parse } from "./parse.ts";
import type { StringLiteral } from "./tree.ts";

function literal(written: string): StringLiteral {
  const { tree } = parse("f", `let a = ${written}`);
  const [declaration] = tree.declarations;
  if (declaration?.kind !== "let" || declaration.value.kind !== "string")
    throw new Error("no text");
  return declaration.value;
}

/** Its parts, with `<…>` for what is inserted. */
function cooked(written: string): string {
  return literal(written)
    .parts.map((part) => (part.kind === "text" ? part.text : `<${part.expression.kind}>`))
    .join("");
}

test("escapes stand for characters", () => {
  expect(cooked('"a\\"b\\\\c\\nd\\te\\$f\\u{1F600}"')).toBe('a"b\\c\nd\te$f😀');
  expect(cooked('""')).toBe("");
  expect(literal('""').parts).toEqual([]);
});

test.each(['"\\q"', '"\\u{}"', '"\\u{110000}"', '"\\u{D800}"', '"\\x41"', '"\\`"'])(
  "%s is no escape",
  (written) => {
    const { diagnostics, formattable } = parse("f", `let a = ${written}`);
    expect(diagnostics.map(({ code, span }) => [code, span.start])).toEqual([["AF1003", 9]]);
    expect(formattable).toBe(false);
  },
);

test("values are inserted, with the places of their expressions", () => {
  const text = 'let a = "x ${b.c} y"';
  const [declaration] = parse("f", text).tree.declarations;
  const parts =
    declaration?.kind === "let" && declaration.value.kind === "string"
      ? declaration.value.parts
      : [];
  expect(parts.map(({ start, end }) => text.slice(start, end))).toEqual(["x ", "${b.c}", " y"]);
  const inserted = parts[1]?.kind === "interpolation" ? parts[1].expression : null;
  expect(inserted).toMatchObject({ kind: "fieldAccess", start: 13, end: 16 });
});

test("`\\${` inserts nothing, and `$` alone is a character", () => {
  expect(cooked('"\\${b} $5 $"')).toBe("${b} $5 $");
});

test('`"""` drops the line breaks at its ends and the common indentation', () => {
  expect(cooked('"""\n    one\n      two\n\n    three\n    """')).toBe("one\n  two\n\nthree");
  expect(cooked('"""\n    one\n  two\n  """')).toBe("  one\ntwo");
  expect(cooked('"""\r\n  one\r\n  two\r\n  """')).toBe("one\ntwo");
  expect(cooked('"""one\n    two\n  three"""')).toBe("one\n  two\nthree");
  expect(cooked('"""one"""')).toBe("one");
  expect(cooked('"""\n"""')).toBe("");
  expect(cooked('"""\n\n"""')).toBe("");
  expect(cooked('"""\n  a "quoted" word\n  """')).toBe('a "quoted" word');
});

test("an escaped line break does not count as a line, a line that starts with a value does", () => {
  expect(cooked('"""\n    a\\nb\n    c\n    """')).toBe("a\nb\nc");
  expect(cooked('"""\n    ${a}\n      b\n    """')).toBe("<name>\n  b");
});

test.each([
  ['"${}"', "AF1004", "this `${ }` holds no value"],
  ['"${ }"', "AF1004", "this `${ }` holds no value"],
  ['"${a b}"', "AF1004", "this `${ }` holds more than one value: `b` does not belong to the first"],
  ['"${a +}"', "AF1004", "this `${ }` ends too soon: I expected a value before its `}`"],
  ['"${a"', "AF1004", "this `${` is not closed with `}`"],
  ['"${a."', "AF1004", "this `${` is not closed with `}`"],
  ['"${step}"', "AF1004", "I expected a value in this `${ }`, but found `step`"],
])("%s is reported once", (written, code, message) => {
  const { diagnostics } = parse("f", `let a = ${written}\nlet b = 1`);
  expect(diagnostics.map((one) => [one.code, one.message])).toEqual([[code, message]]);
});

test("what is wrong in a `${ }` stays in it", () => {
  const { tree } = parse("f", 'agent a() { prompt: "x ${b c} ${d}" }');
  expect(tree.declarations[0]).toMatchObject({
    block: {
      entries: [
        {
          value: {
            expression: {
              parts: [{ text: "x " }, {}, { text: " " }, { expression: { name: { text: "d" } } }],
            },
          },
        },
      ],
    },
  });
});

test("a text in a `${ }` that holds one itself is one fault, however deep", () => {
  let text = "x";
  for (let depth = 0; depth < 1_000; depth += 1) text = `"\${${text}}"`;
  for (const value of [text, '"a ${"b ${c} d"} e"']) {
    const { diagnostics } = parse("f", `let a = ${value}\nlet b = 1`);
    expect(diagnostics.map(({ code }) => code)).toEqual(["AF1004"]);
  }
});
