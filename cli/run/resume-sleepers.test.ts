import { expect, test } from "vitest";

import type { Runner, RunSummary } from "../../runner/index.ts";
import { resumeSleepers } from "./resume-sleepers.ts";

test("all runs that sleep are resumed, however many, but those that ask somebody or were resumed", async () => {
  const sleepers = Array.from({ length: 1_200 }, (_, n) => ({
    id: `run${n}`,
    wakesAtMs: n % 3 === 0 ? null : 5,
  })) as unknown as readonly RunSummary[];
  const resumed: string[] = [];
  const runner: Pick<Runner, "list" | "tasks" | "resume"> = {
    list({ before, limit } = {}) {
      const from = sleepers.findIndex(({ id }) => id === before) + 1;
      return Promise.resolve(sleepers.slice(from, from + (limit ?? 100)));
    },
    tasks: (run, page) =>
      Promise.resolve(run === "run1" && page?.limit === 1 ? [{ run } as never] : []),
    resume(run) {
      resumed.push(run);
      return Promise.resolve({ ok: true, status: "waiting" });
    },
  };
  const found = await resumeSleepers(runner, new Set(["run2"]));
  expect(found).toHaveLength(798);
  expect(resumed).toEqual(found);
  expect([found[0], found.at(-1)]).toEqual(["run4", "run1199"]);
});
