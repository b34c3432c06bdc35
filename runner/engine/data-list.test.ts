import { expect, test } from "vitest";

import type { Json } from "../../plan/expression.ts";
import { Driver } from "../../test/simulation/drive.ts";
import {
  block,
  callTool,
  flow,
  name,
  plan,
  solo,
  step,
  tool,
  value,
} from "../../test/simulation/plan-builder.ts";
import { compileProgram } from "./compile-program.ts";
import { restoreRun } from "./fold.ts";

const count = 3_000;

/** A run in the middle of a long list, whose items are waited for by the last one. */
function longRun() {
  const program = plan({
    tools: { t: tool() },
    flows: {
      main: flow(
        "main",
        block(
          [
            step("all", {
              kind: "for",
              variable: "i",
              list: value(Array.from({ length: count }, (_, n): Json => n)),
              body: solo(callTool("t", name("i"))),
              maxItems: value(count),
              concurrency: value(2),
              tolerate: { fraction: 0.5 },
              key: name("i"),
            }),
          ],
          name("all"),
        ),
      ),
    },
  });
  return {
    program,
    driver: new Driver(program, { flow: "main", answer: ({ path }) => ({ value: path }) }),
  };
}

interface Document {
  readonly lists: readonly (readonly (readonly Json[])[])[];
}

const lists = (snapshot: Json) => (snapshot as unknown as Document).lists;

test("a snapshot has the parts of the one before, except those that have changed", () => {
  const { driver, program } = longRun();
  for (let steps = 0; steps < 40; steps += 1) driver.step();
  const first = lists(driver.engine.snapshot());
  for (let steps = 0; steps < 40; steps += 1) driver.step();
  const snapshot = driver.engine.snapshot();
  const second = lists(snapshot);
  const parts = second.flat();
  const changed = parts.filter((part) => !first.flat().includes(part));
  expect(parts.every((part) => Object.isFrozen(part))).toBe(true);
  expect([parts.length > 6, changed.length]).toEqual([true, 1]);
  const restored = restoreRun(
    compileProgram(program),
    JSON.parse(JSON.stringify(snapshot)) as Json,
  );
  expect(restored?.snapshot()).toEqual(snapshot);
});
