import type { Check, Evidence, RunRecord } from "./evidence.ts";
import { groupBy } from "./group-by.ts";
import { pathOfKey, runOfKey, type LedgerEntry } from "./ledger.ts";

/** I10: what the world saw of each step against what its history says. */
export const checkLedger: Check = (evidence) => {
  const faults: string[] = [];
  const calls = groupBy(
    evidence.ledger.filter(({ key }) => key !== null),
    ({ key }) => key ?? "",
  );
  for (const [key, entries] of calls) faults.push(...checkKey(key, entries, evidence));
  for (const [run, record] of evidence.runs) faults.push(...checkDone(run, record, calls));
  return [...faults, ...checkOnce(evidence)];
};

/** Every call has a start that was written down before; so there are no more calls than starts. */
function checkKey(key: string, entries: readonly LedgerEntry[], { runs }: Evidence): string[] {
  const record = runs.get(runOfKey(key));
  if (record === undefined) return [`I10 ${key} was called, and there is no such run`];
  const path = pathOfKey(key).replace(/~\d+$/, "");
  const starts = record.events.filter(
    (event) => event.kind === "activity.started" && event.path === path,
  );
  if (starts.length === 0) return [`I10 ${key} was called, and its history does not know it`];
  if (entries.length <= starts.length) return [];
  return [`I10 ${key} was called ${entries.length} times, after ${starts.length} starts`];
}

/** What succeeded was called. */
function checkDone(
  run: string,
  { events, head }: RunRecord,
  calls: ReadonlyMap<string, readonly LedgerEntry[]>,
): string[] {
  if (head.flow === "letters") return [];
  const byPath = new Set<string>();
  for (const event of events)
    if (event.kind === "activity.started" && event.activity === "tool") byPath.add(event.path);
  return events.flatMap((event) => {
    if (event.kind !== "activity.succeeded" || !byPath.has(event.path)) return [];
    const isModule = typeof event.output === "string";
    if (isModule || calls.has(`${run}:${event.path}`)) return [];
    return [`I10 ${run}:${event.path} has succeeded, and was never called`];
  });
}

/** What must not be repeated was not. */
function checkOnce({ ledger, runs }: Evidence): string[] {
  const faults: string[] = [];
  const sent = groupBy(
    ledger.filter(({ deed }) => deed === "send"),
    ({ body }) => `${String(body["runId"])} ${String(body["what"])}`,
  );
  for (const [what, entries] of sent)
    if (entries.length > 1) faults.push(`I10 ${what} was sent ${entries.length} times`);
  for (const [run, { events, head }] of runs) {
    if (head.flow !== "letters") continue;
    for (const event of events) {
      if (event.kind !== "activity.succeeded") continue;
      const what = event.path.slice(event.path.lastIndexOf(".") + 1);
      if (!sent.has(`${run} ${what}`)) faults.push(`I10 ${run} ${what} was never sent`);
    }
  }
  return faults;
}
