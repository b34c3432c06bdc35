import type { Check, Evidence } from "./evidence.ts";
import { groupBy } from "./group-by.ts";
import type { FaultRecord } from "./fault-run.ts";
import type { LedgerEntry } from "./ledger.ts";

const perLane = 2;
const narrowAtOnce = 3;
const meteredCount = 10;
const meteredPerMs = 1_000;

interface Interval {
  readonly name: string;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** I14, I15: caps and rates hold in the eyes of the world outside. */
export const checkLimits: Check = (evidence) => [
  ...checkLanes(evidence),
  ...checkNarrow(evidence),
  ...checkRate(evidence),
];

/** Runs of one lane, and calls of their flow, from the first call of a tool to the last answer. */
function checkLanes(evidence: Evidence): string[] {
  const byCall = groupBy(honest(evidence, "hold"), ({ key }) => (key ?? "").replace(/\.\w+$/, ""));
  const byLane = new Map<string, Interval[]>();
  for (const [name, entries] of byCall) {
    const lane = String(entries[0]?.body["what"]);
    const fromMs = Math.min(...entries.map(({ atMs }) => atMs));
    const untilMs = Math.max(...entries.map(({ atMs, answeredAtMs }) => answeredAtMs ?? atMs));
    byLane.set(lane, [...(byLane.get(lane) ?? []), { name, fromMs, untilMs }]);
  }
  return [...byLane].flatMap(([lane, intervals]) => crowds(`runs of ${lane}`, intervals, perLane));
}

function checkNarrow(evidence: Evidence): string[] {
  const intervals = honest(evidence, "narrow").map(({ key, atMs, answeredAtMs }): Interval => ({
    name: key ?? "",
    fromMs: atMs,
    untilMs: answeredAtMs ?? atMs,
  }));
  return crowds("calls of narrow", intervals, narrowAtOnce);
}

/**
 * The rate holds for when calls begin; those of one window may arrive in the next on a busy machine: twice the rate is the most that two
 * neighbouring windows explain. What holds back commits, or the process, lets calls of many windows arrive together when it ends.
 */
function checkRate(evidence: Evidence): string[] {
  const times = honest(evidence, "metered")
    .map(({ atMs }) => atMs)
    .filter((atMs) => !evidence.faults.some((fault) => heldBack(fault, atMs)))
    .sort((a, b) => a - b);
  for (const [index, atMs] of times.entries()) {
    const after = times[index + 2 * meteredCount];
    if (after !== undefined && after - atMs < meteredPerMs)
      return [`I15 more than ${2 * meteredCount} calls of metered in ${after - atMs} ms`];
  }
  return [];
}

const releaseMs = 5_000;

function heldBack({ fault, beganAtMs, endedAtMs }: FaultRecord, atMs: number): boolean {
  const holdsBack = /^(postgres|link|commit|disk|worker-freeze|worker-pause)/.test(fault.kind);
  return holdsBack && atMs >= beganAtMs && atMs <= endedAtMs + releaseMs;
}

/**
 * Without calls that somebody else repeated: the first of the two came from a process that had lost its lease and could not know it,
 * which no limit can hold back.
 */
function honest({ ledger }: Evidence, deed: string): readonly LedgerEntry[] {
  const entries = ledger.filter((entry) => entry.deed === deed);
  const workers = new Map<string, Set<string>>();
  for (const { key, worker } of entries)
    workers.set(key ?? "", (workers.get(key ?? "") ?? new Set()).add(worker));
  return entries.filter(({ key }) => workers.get(key ?? "")?.size === 1);
}

function crowds(what: string, intervals: readonly Interval[], limit: number): string[] {
  const edges = intervals
    .flatMap(({ name, fromMs, untilMs }) => [
      { name, atMs: fromMs, enters: true },
      { name, atMs: untilMs, enters: false },
    ])
    // Who leaves in a millisecond makes room for who comes in it.
    .sort((a, b) => a.atMs - b.atMs || Number(a.enters) - Number(b.enters));
  const inside = new Set<string>();
  for (const { name, enters } of edges) {
    if (!enters) inside.delete(name);
    else if (inside.add(name).size > limit)
      return [
        `I14 ${inside.size} ${what} at once, where ${limit} may be: ${[...inside].join(", ")}`,
      ];
  }
  return [];
}
