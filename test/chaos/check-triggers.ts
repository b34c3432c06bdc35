import { inputOf, type Check, type Evidence } from "./evidence.ts";

const minuteMs = 60_000;

/** I4, I12: each tick and each event has its one run, and a state counts each run once. */
export const checkTriggers: Check = (evidence) => [
  ...checkTicks(evidence),
  ...checkHeard(evidence),
  ...checkCounts(evidence),
];

function checkTicks({ ticks, runs, tickedFromMs, tickedUntilMs }: Evidence): string[] {
  const faults: string[] = [];
  const started = new Map<string, string>();
  for (const [run, record] of runs) {
    if (record.head.flow !== "minutes") continue;
    const tick = String(inputOf(record)["tick"]);
    const other = started.get(tick);
    if (other !== undefined) faults.push(`I12 the tick ${tick} has the runs ${other} and ${run}`);
    started.set(tick, run);
  }
  const decided = new Map(ticks.map((tick) => [tick.atMs, tick]));
  for (const { atMs, outcome, run } of ticks) {
    const time = new Date(atMs).toISOString();
    if (outcome === "started" && started.get(time) !== run)
      faults.push(`I12 the tick ${time} has the run ${run}, which is not there`);
  }
  const first = Math.ceil(tickedFromMs / minuteMs) * minuteMs;
  for (let atMs = first; atMs < tickedUntilMs; atMs += minuteMs)
    if (!decided.has(atMs))
      faults.push(`I12 the tick ${new Date(atMs).toISOString()} was never decided`);
  return faults;
}

function checkHeard({ runs }: Evidence): string[] {
  const said = new Map<string, number>();
  const heard = new Map<string, number>();
  for (const record of runs.values()) {
    const tag = String(inputOf(record)["tag"]);
    const { flow } = record.head;
    if (flow === "heard") heard.set(tag, (heard.get(tag) ?? 0) + 1);
    const done = record.events.some(
      (event) => event.kind === "activity.succeeded" && event.path === "herald.said",
    );
    if (flow === "herald" && done) said.set(tag, 1);
  }
  const faults = [...said.keys()].flatMap((tag) =>
    heard.get(tag) === 1 ? [] : [`I12 what ${tag} said started ${heard.get(tag) ?? 0} runs`],
  );
  for (const tag of heard.keys())
    if (!said.has(tag)) faults.push(`I12 a run heard ${tag}, which said nothing`);
  return faults;
}

/** Runs of one account saw 0, 1, 2, …: none was lost, none counted twice, none overlapped. */
function checkCounts({ runs }: Evidence): string[] {
  const totals = new Map<string, number[]>();
  for (const record of runs.values()) {
    const { output, head } = record;
    const { flow, status } = head;
    if (flow !== "count" || status !== "succeeded") continue;
    const account = String(inputOf(record)["account"]);
    totals.set(account, [...(totals.get(account) ?? []), Number(output)]);
  }
  return [...totals].flatMap(([account, outputs]) => {
    const sorted = outputs.sort((a, b) => a - b);
    return sorted.every((output, index) => output === index)
      ? []
      : [`I4 the runs of ${account} counted ${sorted.join(", ")}`];
  });
}
