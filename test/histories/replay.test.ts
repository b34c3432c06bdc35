// Histories that earlier versions wrote are folded by this one, and people see the same of them.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import type { Plan } from "../../plan/plan.ts";
import { checkHistory } from "../../runner/engine/invariants.ts";
import { compileProgram } from "../../runner/engine/compile-program.ts";
import { createRunViews } from "../../runner/run-views.ts";
import { MemoryStore } from "../../runner/store/memory-store.ts";
import type { RecordedRun } from "./record-history.ts";

const versions = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

test("every released version has left histories", () => {
  expect(versions).toContain("0.1.0");
});

for (const version of versions) {
  const folder = join(import.meta.dirname, version);
  const read = <T>(...path: string[]): T =>
    JSON.parse(readFileSync(join(folder, ...path), "utf8")) as T;
  const plans = new Map(
    readdirSync(join(folder, "plans")).map((file) => {
      const plan = read<Plan>("plans", file);
      return [plan.hash, compileProgram(plan)];
    }),
  );
  const programOf = (hash: string) => {
    const program = plans.get(hash);
    if (program === undefined) throw new Error(`the plan ${hash} was not recorded`);
    return program;
  };

  for (const file of readdirSync(join(folder, "runs"))) {
    test(`${version}: ${file.replace(".json", "")} is what it was`, async () => {
      const { events, detail } = read<RecordedRun>("runs", file);
      expect(checkHistory(events, programOf)).toEqual([]);
      const store = new MemoryStore({ now: () => 0 });
      await store.createRun({
        run: detail.id,
        planHash: detail.planHash,
        flow: detail.flow,
        idempotencyKey: null,
        priority: 5,
        wakeAtMs: null,
        events,
      });
      const head = await store.head(detail.id);
      if (head === null) throw new Error("the run is gone");
      const programs = { compile: (hash: string) => Promise.resolve(programOf(hash)) };
      const views = createRunViews(store, programs, { monotonic: () => 0 });
      const shown = await views.detail(head);
      expect(shown.steps).toEqual(detail.steps);
      expect(shown.input).toEqual(detail.input);
      const last = events.at(-1);
      if (last?.kind === "run.ended") expect(last.output).toEqual(detail.output);
    });
  }
}
