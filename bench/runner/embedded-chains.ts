import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Plan } from "../../plan/plan.ts";
import { openRunner, type ModulePort, type Runner } from "../../runner/index.ts";
import { chainPlan } from "./chain-plan.ts";

export const chainLength = 10;

export interface Load {
  readonly runs: number;
  readonly concurrency: number;
}

export interface Chains {
  /** Runs chains and resolves when the last one has ended. */
  run(load: Load): Promise<void>;
  close(): Promise<void>;
}

/** What each step calls: a function that gives a small record at once, so that the engine is what takes the time. */
export const chainWork: ModulePort = {
  call: async (call) => {
    const { x } = call.input as { readonly x: { readonly n: number } };
    return { ok: true, value: { n: x.n + 1, text: "a short text, as steps give it" } };
  },
  check: async () => null,
  close: async () => {},
};

/** Chains on the embedded runner, in a file that is synced at every commit. */
export async function embeddedChains(): Promise<Chains> {
  const folder = mkdtempSync(join(tmpdir(), "agentflow-bench-"));
  const runner = await openRunner({
    store: join(folder, "store.db"),
    variables: {},
    folder,
    modules: chainWork,
  });
  return chainsOn(runner, chainPlan(chainLength), async () => {
    rmSync(folder, { recursive: true, force: true });
  });
}

export function chainsOn(runner: Runner, plan: Plan, cleanUp: () => Promise<void>): Chains {
  async function one(): Promise<void> {
    const started = await runner.start({ plan, flow: "chain", input: { x: { n: 0 } } });
    if (!started.ok) throw new Error(started.message);
    const ended = await runner.wait(started.run);
    if (ended.status !== "succeeded") throw new Error(`${started.run} ${ended.status}`);
  }

  return {
    run: (load) => inParallel(load, one),
    async close() {
      await runner.close();
      await cleanUp();
    },
  };
}

export async function inParallel(
  { runs, concurrency }: Load,
  one: () => Promise<void>,
): Promise<void> {
  let left = runs;
  const lane = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await one();
    }
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
}
