import { expect, test } from "vitest";

import { declarations, findings } from "./fixtures/findings.ts";

const program = (handoffs: string): string => `${declarations}
agent second(text: string) -> string { model: fast, prompt: "\${text}" }
agent number(text: string) -> int { model: fast, prompt: "\${text}" }
flow main(text: string) -> string {
  step reply = write(text) { handoffs: ${handoffs} }
  output: reply
}
`;

test("members are agents of one return type", () => {
  expect(findings(program("{ write: [second] }"))).toEqual([]);
  expect(findings(program("{ write: [number] }"))).toEqual([
    "AF4006 number: `number` returns `int`, but `write`, which is called, must answer with `string`",
  ]);
  expect(findings(program("{ write: [look] }"))).toHaveLength(1);
});

test("everybody can be reached", () => {
  expect(findings(program("{ write: [], second: [write] }"))).toEqual([
    "AF4006 second: nobody hands over to `second`, so its own arrows can never be used",
  ]);
});

test("what follows from another mistake is not told", () => {
  expect(findings(program("{ write: [look], second: [write] }"))).toEqual([
    "AF4006 look: `look` is a tool; only an agent can take over a conversation",
  ]);
  const unknown = program("{ write: [second] }").replace(
    "second(text: string) -> string",
    "second(text: string) -> strin",
  );
  expect(findings(unknown)).toEqual(["AF2001 strin: there is no type `strin`"]);
});

test("members get the arguments of the call", () => {
  const withMember = (params: string): readonly string[] =>
    findings(
      `${program("{ write: [third] }")}agent third(${params}) -> string { model: fast, prompt: "x" }`,
    ).filter((found) => !found.startsWith("AF9001"));
  expect(withMember("text: string, more: int?")).toEqual([]);
  expect(withMember("")).toEqual([]);
  expect(withMember("note: string")).toEqual([
    "AF4006 third: `third` gets the arguments of `write`, and among them is no `note`",
  ]);
  expect(withMember("text: int")).toEqual([
    "AF4006 third: `third` gets the arguments of `write`, and its `text` is `int`, not `string`",
  ]);
});

test("an arrow leads to somebody else, once", () => {
  expect(findings(program("{ write: [write] }"))).toEqual([
    "AF4006 write: `write` has the conversation then, and can't hand it over to itself",
  ]);
  expect(findings(program("{ write: [second, second] }"))).toEqual([
    "AF4006 second: `second` stands in this list twice, and each handoff happens at most once",
  ]);
});
