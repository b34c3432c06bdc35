import type { FaultRecord } from "./fault-run.ts";
import { groupBy } from "./group-by.ts";
import { percentiles } from "./recoveries.ts";
import type { ChaosResult } from "./run-chaos.ts";

const shownHistories = 5;

/** What happened, as a table, and every violation with what it takes to look into it. */
export function report(result: ChaosResult): string {
  const { options, evidence, violations, faults, settledMs, looks, lostCommits } = result;
  const runs = [...evidence.runs.values()];
  const byStatus = groupBy(runs, ({ head }) => head.status);
  const steps = runs
    .flatMap(({ events }) => events)
    .filter(({ kind }) => kind === "activity.succeeded").length;
  const taken = runs
    .flatMap(({ events }) => events)
    .filter(({ kind }) => kind === "run.interrupted").length;
  const rows: (readonly [string, string])[] = [
    ["seed", String(options.seed)],
    [
      "runs",
      `${runs.length} (${[...byStatus].map(([status, of]) => `${of.length} ${status}`).join(", ")})`,
    ],
    ["steps", `${steps}, in ${evidence.ledger.length} calls`],
    [
      "faults",
      `${faults.length} (${[...countKinds(faults)].map(([kind, count]) => `${count} ${kind}`).join(", ")})`,
    ],
    ["commits without an answer", String(lostCommits)],
    ["runs taken over in mid-step", String(taken)],
    ...recoveryRows(result),
    ["most memory of a worker", `${Math.round(result.mostBytes / 1e6)} MB`],
    ["writes that the store looked at", String(evidence.writes.length)],
    ["at rest after the last fault", `${seconds(settledMs)}`],
    ["looks for runs that can't say why they stand", String(looks)],
    ["violations", String(violations.length)],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const table = rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join("\n");
  return violations.length === 0 ? table : `${table}\n\n${details(result)}`;
}

function recoveryRows({ recoveries }: ChaosResult): (readonly [string, string])[] {
  return [...groupBy(recoveries, ({ kind }) => kind)].map(([kind, of]) => {
    const { p50, p99, max } = percentiles(of.map(({ ms }) => ms));
    const figures = `${of.length} runs: p50 ${seconds(p50)}, p99 ${seconds(p99)}, max ${seconds(max)}`;
    return [`recovery after ${kind}`, figures] as const;
  });
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

/** The violations, the log of faults, and the histories of the runs they name. */
function details({ options, evidence, violations, faults, log }: ChaosResult): string {
  const named = [...evidence.runs].filter(([run]) => violations.some((text) => text.includes(run)));
  const repeat = [
    `npm run chaos -- --seed ${options.seed} --seconds ${options.forMs / 1_000}`,
    `--workers ${options.workers} --rate ${options.perSecond} --transport ${options.transport}`,
    `--faults ${options.faults.join(",")}`,
  ].join(" ");
  return [
    `to repeat: ${repeat}`,
    "",
    ...violations.map((text) => `✗ ${text}`),
    "",
    "faults:",
    ...faults.map(
      ({ fault, beganAtMs, endedAtMs }) =>
        `  ${new Date(beganAtMs).toISOString()} – ${new Date(endedAtMs).toISOString()} ${JSON.stringify(fault)}`,
    ),
    "",
    ...named
      .slice(0, shownHistories)
      .flatMap(([run, { head, events }]) => [
        `history of run ${run} (${head.flow}, ${head.status}, epoch ${head.epoch}):`,
        ...events.map(
          (event) => `  ${new Date(event.atMs).toISOString()} ${JSON.stringify(event)}`,
        ),
        ...evidence.ledger
          .filter(({ key }) => key?.startsWith(run) === true)
          .map(
            (entry) => `  called ${new Date(entry.atMs).toISOString()} ${JSON.stringify(entry)}`,
          ),
        "",
      ]),
    "workers said:",
    ...log.slice(-60).map((line) => `  ${line}`),
  ].join("\n");
}

/** How many faults of each kind there were. */
function countKinds(records: readonly FaultRecord[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { fault } of records) counts.set(fault.kind, (counts.get(fault.kind) ?? 0) + 1);
  return counts;
}
