import { isDeepStrictEqual } from "node:util";

import { required } from "../../base/assert.ts";
import type { Json } from "../../plan/expression.ts";
import type { RunEvent } from "../../plan/history.ts";
import { openRunner } from "../../runner/index.ts";
import type { Evidence, RunRecord } from "./evidence.ts";
import { Ledger } from "./ledger.ts";
import type { StartedRun } from "./load.ts";
import { programFolder } from "./program.ts";

/** Whose outcome depends on other runs. */
const social = new Set(["count"]);
/** Too large to be done once more. */
const costly = new Set(["flooded", "deluged", "endless"]);
const patienceMs = 90_000;

/**
 * I18, I19: each kind of run once more, alone in this process, on a store in memory, with nothing harmed. Whatever was done to the others,
 * they gave the same: every step's output, and the end.
 */
export async function checkEmbedded(evidence: Evidence): Promise<readonly string[]> {
  const ledger = new Ledger({ onPoison: () => {} });
  await ledger.open();
  const runner = await openRunner({
    store: null,
    variables: { LEDGER_URL: ledger.url, WORKER_NAME: "embedded" },
    folder: programFolder,
    models: { kind: "mock" },
  });
  try {
    const faults = await Promise.all(
      samples(evidence).map(async ({ started, record }) => {
        const { script, input } = started;
        const plan = required(evidence.plans.get(record.head.planHash), "each run has a plan");
        const begun = await runner.start({ plan, flow: script.flow, input });
        if (!begun.ok) return [`I19 ${script.flow} can't be started here: ${begun.message}`];
        const { run } = begun;
        const signal = AbortSignal.timeout(patienceMs);
        await reachEnd(run, started.tag);
        const head = await runner.wait(run, { signal });
        const detail = await runner.show(run);
        const events = await runner.events(run);
        const here = story(events, { status: head.status, output: detail?.output ?? null });
        const there = story(record.events, { status: record.head.status, output: record.output });
        return differences(here, there).map(
          (what) =>
            `I19 run ${started.run} (${script.flow}) differs from an embedded one at ${what}`,
        );
      }),
    );
    return faults.flat();
  } finally {
    await runner.close({ graceMs: 0 });
    ledger.close();
  }

  /** Tells a run that waits what it waits for. */
  async function reachEnd(run: string, tag: string): Promise<void> {
    for (;;) {
      const { status, waits } = await runner.wait(run, { untilWaiting: true });
      if (status !== "waiting") return;
      if (waits.some(({ kind }) => kind === "event"))
        await runner.emit({ topic: "chaos.news", data: { tag } });
      else return;
    }
  }
}

interface Sample {
  readonly started: StartedRun;
  readonly record: RunRecord;
}

/** Of each flow, the run that was interrupted most often. */
function samples({ started, runs }: Evidence): readonly Sample[] {
  const best = new Map<string, Sample & { readonly epoch: number }>();
  for (const each of started) {
    const record = runs.get(each.run);
    const { flow, ends } = each.script;
    if (record === undefined || social.has(flow) || costly.has(flow)) continue;
    const { status, epoch } = record.head;
    if (status !== (ends === "fails" ? "failed" : "succeeded")) continue;
    if (epoch > (best.get(flow)?.epoch ?? -1)) best.set(flow, { started: each, record, epoch });
  }
  return [...best.values()];
}

type Story = ReadonlyMap<string, Json>;

/** What a run gave, by path, without ids and times. */
function story(
  events: readonly RunEvent[],
  end: { readonly status: string; readonly output: Json },
): Story {
  const told = new Map<string, Json>();
  for (const event of events) {
    if (event.kind === "activity.succeeded") told.set(event.path, event.output);
    if (event.kind === "event.received") told.set(event.path, event.event.data);
  }
  told.set("", [end.status, end.output]);
  return told;
}

function differences(here: Story, there: Story): readonly string[] {
  return [...new Set([...here.keys(), ...there.keys()])].filter(
    (path) => !isDeepStrictEqual(here.get(path), there.get(path)),
  );
}
