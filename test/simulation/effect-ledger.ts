import type { RunEvent } from "../../plan/history.ts";
import type { Program } from "../../plan/plan.ts";

/** One thing that a tool did, as the outside saw it. */
export interface Deed {
  readonly run: string;
  readonly path: string;
  readonly attempt: number;
  readonly tool: string;
  readonly key: string;
  readonly ok: boolean;
}

/**
 * I10: what a ledger outside says against what the histories say. An attempt that must not be repeated was done at most once, one key
 * stands for one deed, and what a history calls done was done.
 */
export function checkEffects(
  deeds: readonly Deed[],
  runs: readonly {
    readonly run: string;
    readonly program: Program;
    readonly events: readonly RunEvent[];
  }[],
): readonly string[] {
  const programs = new Map(runs.map(({ run, program }) => [run, program]));
  const faults: string[] = [];
  const times = new Map<string, number>();
  const done = new Map<string, string>();
  const succeeded = new Set<string>();
  for (const { run, path, attempt, tool, key, ok } of deeds) {
    const one = `${run} ${path} ${attempt}`;
    times.set(one, (times.get(one) ?? 0) + 1);
    if (programs.get(run)?.tools[tool]?.restart === false && (times.get(one) ?? 0) > 1)
      faults.push(`I10 ${one} was done twice, though it must not be repeated`);
    if (!ok) continue;
    succeeded.add(one);
    const place = `${run} ${path.replaceAll(/~\d+/g, "")}`;
    const known = done.get(key);
    if (known !== undefined && known !== place)
      faults.push(`I10 ${known} and ${place} have one key`);
    done.set(key, place);
  }
  for (const { run, events } of runs) faults.push(...undone(run, events, succeeded));
  return faults;
}

function undone(
  run: string,
  events: readonly RunEvent[],
  succeeded: ReadonlySet<string>,
): readonly string[] {
  const tools = new Set<string>();
  const faults: string[] = [];
  for (const event of events) {
    if (event.kind === "activity.started" && event.activity === "tool") tools.add(event.path);
    if (event.kind !== "activity.succeeded" || !tools.has(event.path)) continue;
    const one = `${run} ${event.path} ${event.attempt}`;
    if (!succeeded.has(one)) faults.push(`I10 ${one} is called done, but nobody did it`);
  }
  return faults;
}
