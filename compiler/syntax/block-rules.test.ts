import { expect, test } from "vitest";

import { parse } from "./parse.ts";
import { plainTree } from "./plain-tree.ts";
import type { Entry } from "./tree.ts";

function entries(written: string): readonly Entry[] {
  const { tree, diagnostics } = parse("f", `flow f() {\n${written}\n}`);
  expect(diagnostics).toEqual([]);
  const [declaration] = tree.declarations;
  return declaration?.kind === "flow" ? declaration.block.entries : [];
}

test("entries are told apart by their first two tokens", () => {
  const text = [
    "step: 1",
    "if: 2",
    "...common",
    'on event("a.*") { dedupe: event.id }',
    'on cron("0 8 * * *")',
    'state memo: string = "" { per: user }',
    "step a = f()",
    "step b: T[..5] = f()",
    "let c: int = 1",
    "expect c == 1",
    "g(a) { after: b }",
    "if c { h() }",
  ].join("\n");
  expect(entries(text).map(({ kind }) => kind)).toEqual([
    "setting",
    "setting",
    "spread",
    "on",
    "on",
    "state",
    "step",
    "step",
    "let",
    "expect",
    "action",
    "action",
  ]);
});

test("settings may stand on one line, with or without commas", () => {
  const [first] = entries('on http("POST /a") { auth: "none", timeout: 5s dedupe: x, }');
  expect(first).toMatchObject({
    block: {
      entries: [
        { key: { text: "auth" } },
        { key: { text: "timeout" } },
        { key: { text: "dedupe" } },
      ],
    },
  });
});

test("the six actions", () => {
  const text = [
    "step a = f(x) { attempts: 3 }",
    "step b = if x { f() } else if y { g() } else { h() }",
    'step c = match x.y { "a" | "b" => f(), 1 => { step d = g() output: d } else => null }',
    "step e = for item in xs { key: item.id f(item) }",
    "step g = repeat { maxRounds: 3 until: done f() }",
    "step h = race { step i = f() step j = g() }",
  ].join("\n");
  const actions = entries(text).map((entry) => (entry.kind === "step" ? entry.action : null));
  expect(actions.map((action) => action?.kind)).toEqual([
    "invoke",
    "if",
    "match",
    "for",
    "repeat",
    "race",
  ]);
  expect(actions[1]).toMatchObject({ else: { kind: "if", else: { kind: "block" } } });
  expect(actions[2]).toMatchObject({
    arms: [
      {
        patterns: [{ value: { kind: "string" } }, { value: { kind: "string" } }],
        body: { kind: "invoke" },
      },
      { patterns: [{ value: { type: "int", value: 1 } }], body: { kind: "block" } },
      { patterns: [{ value: "else" }], body: { kind: "invoke" } },
    ],
  });
});

test("`{` behind `=>` opens a block; a record stands in parentheses", () => {
  const [step] = entries('step a = match x { "a" => { output: 1 } else => ({ output: 1 }) }');
  expect(step).toMatchObject({
    action: {
      arms: [{ body: { kind: "block" } }, { body: { expression: { kind: "parenthesized" } } }],
    },
  });
});

test("`else` behind an `if` in an arm belongs to the `if` only if a block follows", () => {
  const [step] = entries('step a = match x { "a" => if y { f() } else => g() }');
  expect(step).toMatchObject({ action: { arms: [{ body: { kind: "if", else: null } }, {}] } });
});

test("line breaks mean nothing", () => {
  const wide = entries("step a = if b { f(c, d: 1) } else { g() }\noutput: { a, b: 2 }");
  const tall = entries(
    "step\na\n=\nif\nb\n{\nf(\nc\n,\nd\n:\n1)\n}\nelse\n{\ng()\n}\noutput\n:\n{\na\nb\n:\n2\n}",
  );
  expect(plainTree(tall)).toEqual(plainTree(wide));
});

test("statements, settings and arms carry their documentation", () => {
  const text = "/// A step.\nstep a = f()\n/// A setting.\noutput: a";
  expect(entries(text)).toMatchObject([
    { doc: { text: "A step." } },
    { doc: { text: "A setting." } },
  ]);
});

test("a value behind another entry on its line is a forgotten sign", () => {
  for (const written of ['system "You greet."', "until verdict", "a: b c"]) {
    const { diagnostics } = parse("f", `flow f() {\n  x: 1, ${written}\n}`);
    expect(diagnostics.map(({ code }) => code)).toEqual(["AF1002"]);
  }
});

test("a block behind what is no call is a forgotten sign", () => {
  const { diagnostics } = parse("f", "flow f() {\n  input { a: 1 }\n}");
  expect(diagnostics.map(({ code }) => code)).toEqual(["AF1002"]);
});
