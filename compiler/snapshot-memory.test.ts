import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";

import { createProgram } from "./compile.ts";

const count = 12;
const path = (index: number): string => `f${index}.agentflow`;

/** Each file calls what the one before it declares, and has several declarations, so that an edit leaves most of them alone. */
function textOf(index: number, words: string, type: string): string {
  const before = index === 0 ? "" : `import { last${index - 1} } from "./f${index - 1}"\n`;
  const step = index === 0 ? '"x"' : `last${index - 1}(text)`;
  return `${before}
model m${index} { use: "mock/small" }
agent think${index}(text: string) -> ${type} { model: m${index} prompt: "${words} \${text}" }
flow first${index}(text: string) -> string {
  step thought = think${index}(text)
  output: thought
}
flow last${index}(text: string) -> string {
  step own = first${index}(text)
  step other = ${index === 0 ? "first0(own)" : step}
  output: other
}
`;
}

test("snapshots that nobody holds go, also while there is a fault in every one of them", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const texts = new Map(
    Array.from({ length: count }, (_, index) => [path(index), textOf(index, "a", "string")]),
  );
  const host = { read: (file: string) => texts.get(file) ?? null };
  let program = createProgram(host, [path(count - 1)]);
  expect(program.diagnostics).toEqual([]);
  const held: WeakRef<object>[] = [];
  for (let edit = 0; edit < 150; edit += 1) {
    const index = edit % count;
    texts.set(path(index), textOf(index, `${edit}`, edit % 3 === 1 ? "int" : "string"));
    program = createProgram(host, [path(count - 1)], program);
    held.push(new WeakRef(program.program.graph.modules));
  }
  // A weak reference holds until the turn ends in which it was made.
  await new Promise((resolve) => setImmediate(resolve));
  collect();
  expect(program.diagnostics.length).toBeGreaterThan(0);
  expect(held.filter((reference) => reference.deref() !== undefined).length).toBeLessThan(8);
});
