import { isDeepStrictEqual } from "node:util";

import { sha256 } from "../../base/sha256.ts";
import { foldRun } from "../../runner/engine/fold.ts";
import { checkHistory } from "../../runner/engine/invariants.ts";
import type { Check, Evidence, RunRecord } from "./evidence.ts";

/** I1, I3–I6, I9, I11, I13 of each history, as the engine has them; I1, I2, I7, I17 against the store. */
export const checkHistories: Check = (evidence) =>
  [...evidence.runs].flatMap(([run, record]) => {
    const faults = [
      ...checkHistory(record.events, evidence.programOf),
      ...checkUnchanged(record, evidence),
      ...checkEpochs(record),
      ...checkSpending(record),
    ];
    // A history that is wrong already can't be folded.
    if (faults.length === 0) faults.push(...checkHead(record, evidence));
    return faults.map((fault) => `${fault} [run ${run}, ${record.head.flow}]`);
  });

/** I1: what was read while everything was harmed is what is there now. */
function checkUnchanged({ head, events }: RunRecord, { prefixes }: Evidence): readonly string[] {
  const seen = prefixes.get(head.run);
  if (seen === undefined) return [];
  const digest = sha256(JSON.stringify(events.slice(0, seen.seq)));
  return digest === seen.digest ? [] : [`I1 its first ${seen.seq} events have changed`];
}

/** I2: the row says what the history says. */
function checkHead(
  { head, output, events }: RunRecord,
  { programOf }: Evidence,
): readonly string[] {
  const faults: string[] = [];
  const engine = foldRun(events, programOf);
  if (engine.seq !== head.seq) faults.push(`I2 ${engine.seq} events, and its row says ${head.seq}`);
  const { outcome } = engine;
  if ((outcome === null) !== (head.endedAtMs === null))
    faults.push(`I2 its row ${head.endedAtMs === null ? "has not ended" : "has ended"}`);
  if (outcome !== null) {
    if (outcome.status !== head.status)
      faults.push(`I2 it has ${outcome.status}, and its row says ${head.status}`);
    if (!isDeepStrictEqual(outcome.output, output)) faults.push("I2 its row has another output");
    if (!isDeepStrictEqual(outcome.error, head.error)) faults.push("I2 its row has another error");
  }
  return faults;
}

/** I7: each owner that took it over has a higher epoch than the one before. */
function checkEpochs({ head, events }: RunRecord): readonly string[] {
  const epochs = events.flatMap((event) => (event.kind === "run.interrupted" ? [event.epoch] : []));
  const faults = epochs.flatMap((epoch, index) =>
    epoch > (epochs[index - 1] ?? 0) ? [] : [`I7 epoch ${epoch} comes after ${epochs[index - 1]}`],
  );
  const last = epochs.at(-1) ?? 0;
  return last > head.epoch ? [...faults, `I7 its epoch is ${head.epoch}, after ${last}`] : faults;
}

const micro = 1e-6;

/** I17: what its calls spent is what its row says. */
function checkSpending({ head, events }: RunRecord): readonly string[] {
  let [cost, tokensIn, tokensOut] = [0, 0, 0];
  for (const event of events) {
    if (event.kind !== "activity.succeeded" && event.kind !== "activity.failed") continue;
    cost += event.spent?.cost ?? 0;
    tokensIn += event.spent?.tokensIn ?? 0;
    tokensOut += event.spent?.tokensOut ?? 0;
  }
  const same =
    Math.abs(cost - head.cost) < micro &&
    tokensIn === head.tokensIn &&
    tokensOut === head.tokensOut;
  return same
    ? []
    : [
        `I17 its calls spent ${tokensIn} + ${tokensOut} tokens, its row says ${head.tokensIn} + ${head.tokensOut}`,
      ];
}
