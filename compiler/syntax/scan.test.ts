import fc from "fast-check";
import { expect, test } from "vitest";

import { scan } from "./scan.ts";
import { tokenTable, wordKinds } from "./tokens.ts";

function kinds(text: string): string[] {
  return scan("f", text).tokens.map(({ type, start, end }) => `${type} ${text.slice(start, end)}`);
}

function faults(text: string): string[] {
  return scan("f", text).diagnostics.items.map(
    ({ code, message, span }) => `${code} ${span.start}-${span.end} ${message}`,
  );
}

test("every token of the table is scanned as itself", () => {
  for (const { kind, spelling } of tokenTable) {
    if (spelling !== null) expect(kinds(spelling)).toEqual([`${kind.name} ${spelling}`]);
  }
});

test.each([
  ["7", "Int"],
  ["0.5", "Float"],
  ["200ms", "Duration"],
  ["10s", "Duration"],
  ["1.5h", "Duration"],
  ["$0.50", "Money"],
  ["$20", "Money"],
  ["50%", "Percent"],
  ["60/min", "Rate"],
  ["1/s", "Rate"],
  ["8k", "Size"],
  ["2M", "Size"],
  ['"text"', "Text"],
  ['"""text"""', "Text"],
  ["name_2", "Identifier"],
])("%s is one %s", (text, kind) => {
  expect(kinds(text)).toEqual([`${kind} ${text}`]);
  expect(kinds(`[${text}]`)).toHaveLength(3);
});

test("signs are as long as they can be", () => {
  expect(kinds("a?.b ?? c")).toEqual([
    "Identifier a",
    "QuestionDot ?.",
    "Identifier b",
    "Coalesce ??",
    "Identifier c",
  ]);
  expect(kinds("1..5")).toEqual(["Int 1", "Range ..", "Int 5"]);
  expect(kinds("1s..16s")).toEqual(["Duration 1s", "Range ..", "Duration 16s"]);
  expect(kinds("...a")).toEqual(["Ellipsis ...", "Identifier a"]);
  expect(kinds("a=>-1->b")).toEqual([
    "Identifier a",
    "FatArrow =>",
    "Minus -",
    "Int 1",
    "Arrow ->",
    "Identifier b",
  ]);
  expect(kinds("8/2")).toEqual(["Int 8", "Slash /", "Int 2"]);
});

test("words are keywords only as a whole", () => {
  expect(kinds("step steps Step")).toEqual(["Step step", "Identifier steps", "Identifier Step"]);
  expect(wordKinds.get("toString")).toBeUndefined();
  expect(kinds("constructor __proto__")).toEqual([
    "Identifier constructor",
    "Identifier __proto__",
  ]);
});

test("a text takes its `${…}` with all their quotes", () => {
  expect(kinds('"a ${b.join(", ")} c" d')).toEqual(['Text "a ${b.join(", ")} c"', "Identifier d"]);
  expect(kinds('"""\n${x ?? "none"}"""')).toHaveLength(1);
  expect(kinds('"a \\"b\\" \\\\" c')).toHaveLength(2);
});

test("a forgotten `}` of a `${` does not swallow the closing quote", () => {
  expect(kinds('{ a: "x ${b", c: { d: 1 } }')).toContain('Text "x ${b"');
});

test("a text without its quote ends with its line, before brackets that were opened there", () => {
  expect(kinds('model m { use: "x }\nlet')).toEqual([
    "Model model",
    "Identifier m",
    "LBrace {",
    "Identifier use",
    "Colon :",
    'Text "x',
    "RBrace }",
    "Let let",
  ]);
  expect(kinds('  f("a, b: 1),\n')).toEqual([
    "Identifier f",
    "LParen (",
    'Text "a, b: 1',
    "RParen )",
    "Comma ,",
  ]);
  expect(kinds('use: "a } b')).toEqual(["Identifier use", "Colon :", 'Text "a } b']);
  expect(faults('use: "a')).toEqual(["AF1001 5-7 this text is not closed before its line ends"]);
});

test('a `"""` text without its end stops where the indentation does', () => {
  const text =
    'agent a {\n  prompt: """\n    One.\n    Two.\n  model: fast\n}\nagent b {\n  prompt: """\n    Three.\n    """\n}\n';
  expect(kinds(text).filter((kind) => kind.startsWith("Text"))).toEqual([
    'Text """\n    One.\n    Two.',
    'Text """\n    Three.\n    """',
  ]);
  expect(faults(text)).toEqual(['AF1001 20-23 this text is never closed with `"""`']);
});

test('a `"""` that closes nothing does not turn code into text', () => {
  const text =
    'agent a {\n  model: fast\n    Don\'t guess. ${name}\n    """\n}\nagent b { use: "x" }\n';
  expect(kinds(text)).toContain('Text "x"');
  expect(faults(text)).toEqual(['AF1001 53-56 this `"""` closes a text that is never opened']);
});

test("what means nothing is one fault, however long", () => {
  expect(faults("a @@@ b")).toEqual(["AF1001 2-5 `@@@` mean nothing here"]);
  expect(faults("größe")).toEqual([
    "AF1001 0-5 the name `größe` holds a letter that names may not hold",
  ]);
  expect(kinds("größe: 1")).toEqual(["Identifier größe", "Colon :", "Int 1"]);
  expect(faults("a – b")[0]).toBe(
    "AF1001 2-3 `–` (U+2013) looks like `-` but is another character",
  );
  expect(faults("a\u00a0b")[0]).toContain("U+00A0");
  expect(faults("5x")).toEqual(["AF1001 0-2 `5x` is no number: `x` is no unit"]);
  expect(faults("$x")).toEqual(["AF1001 0-2 `$x` is no amount of money"]);
});

test("a byte order mark is no character of the text", () => {
  expect(kinds("\ufefflet")).toEqual(["Let let"]);
});

test("comments are kept, and those that document stand at the next token", () => {
  const text = "// one\n/// two\n///  three\nlet a = 1 // four\n";
  const { comments, tokens } = scan("f", text);
  expect(comments.map((comment) => comment.text)).toEqual([
    "// one",
    "/// two",
    "///  three",
    "// four",
  ]);
  expect(comments.map((comment) => comment.doc)).toEqual([false, true, true, false]);
  expect(tokens[0]?.doc).toEqual({ start: 7, end: 25, text: "two\n three" });
  expect(tokens[1]?.doc).toBeNull();
});

test("lines with a gap between are two doc comments, four strokes are none", () => {
  expect(scan("f", "/// a\n\n/// b\nlet").docs.map(({ text }) => text)).toEqual(["a", "b"]);
  expect(scan("f", "//// a\nlet").docs).toEqual([]);
});

test("comments of other languages are read and reported", () => {
  expect(faults("# note\nlet")).toEqual(["AF1001 0-6 a comment starts with `//`, not with `#`"]);
  expect(kinds("/* a\n b */ let")).toEqual(["Let let"]);
  const [fault] = scan("f", "  /* a\n   * b\n   */\nlet").diagnostics.items;
  expect(fault?.fixes?.[0]?.edits[0]?.text).toBe("// a\n  // b");
});

test("tokens and comments lie in order and cover all that is not white space", () => {
  const pieces = [
    "let",
    " ",
    "\n",
    '"',
    "'",
    "`",
    "${",
    "}",
    "{",
    "(",
    "// c",
    "/// d",
    "#",
    "é",
    "5",
    ".",
    "\\",
    '"""',
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 30 }), (parts) => {
      const text = parts.join("");
      const { tokens } = scan("f", text);
      let end = 0;
      for (const token of tokens) {
        expect(token.start).toBeGreaterThanOrEqual(end);
        expect(token.end).toBeGreaterThan(token.start);
        end = token.end;
      }
      expect(end).toBeLessThanOrEqual(text.length);
    }),
    { numRuns: 500 },
  );
});
