import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, afterEach, expect, test } from "vitest";

import { block, callTool, flow, plan, step, tool } from "../test/simulation/plan-builder.ts";
import { openRunner, type ModulePort, type Runner } from "./index.ts";

const folder = mkdtempSync(join(tmpdir(), "agentflow-rate-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const opened: Runner[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((runner) => runner.close({ graceMs: 100 })));
});

const perMs = 150;
const program = plan({
  flows: {
    main: flow("main", block([step("s", callTool("t"))]), { rate: { count: 2, perMs } }),
  },
  tools: { t: tool() },
});

async function open(store: string): Promise<Runner> {
  const modules: ModulePort = {
    call: () => Promise.resolve({ ok: true, value: null }),
    check: () => Promise.resolve(null),
    close: () => Promise.resolve(),
  };
  const runner = await openRunner({ store, variables: {}, folder, modules });
  opened.push(runner);
  return runner;
}

async function start(runner: Runner): Promise<string> {
  const started = await runner.start({ plan: program, flow: "main", input: {} });
  if (!started.ok) throw new Error(started.message);
  return started.run;
}

test("a flow's rate holds for the starts of all runners on a store, which wait and are not dropped", async () => {
  const store = join(folder, "rate.db");
  const runners = [await open(store), await open(store)] as const;
  const runs = await Promise.all([0, 1, 0, 1, 0, 1].map((at) => start(runners[at as 0 | 1])));
  const ends = await Promise.all(runs.map((run, at) => runners[(at % 2) as 0 | 1].wait(run)));
  expect(ends.map(({ status }) => status)).toEqual(runs.map(() => "succeeded"));
  const turns: number[] = [];
  for (const run of runs) {
    for (const event of await runners[0].events(run)) {
      if (event.kind === "activity.succeeded" && event.path === "main!turn")
        turns.push((event.output as { readonly atMs: number }).atMs);
      if (event.kind === "activity.started" && event.path === "main.s")
        expect(event.atMs).toBeGreaterThanOrEqual(turns.at(-1) ?? 0);
    }
  }
  const times = turns.sort((left, right) => left - right);
  expect(times).toHaveLength(6);
  for (let at = 2; at < times.length; at += 1)
    expect((times[at] ?? 0) - (times[at - 2] ?? 0)).toBeGreaterThanOrEqual(perMs);
});
