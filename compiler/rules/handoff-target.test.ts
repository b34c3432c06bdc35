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
