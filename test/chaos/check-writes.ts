import type { Evidence } from "./evidence.ts";
import type { WatchedWrite } from "./write-watch.ts";

/** I1, I7: what the server, or the file, wrote down of each change of a run. */
export function checkWrites({ writes }: Pick<Evidence, "writes">): readonly string[] {
  return writes.flatMap((write) => checkWrite(write).map((fault) => `${fault} [run ${write.run}]`));
}

function checkWrite(write: WatchedWrite): string[] {
  const { atMs, fromEpoch, toEpoch, fromSeq, toSeq, owner, untilMs, alone } = write;
  const faults: string[] = [];
  const isAlive = untilMs !== null && untilMs > atMs;
  if (toSeq < fromSeq) faults.push(`I1 it had ${fromSeq} events, and then ${toSeq}`);
  if (toEpoch !== fromEpoch && toEpoch !== fromEpoch + 1)
    faults.push(`I7 its epoch went from ${fromEpoch} to ${toEpoch}`);
  if (toEpoch > fromEpoch && owner !== null && isAlive)
    faults.push(`I7 epoch ${toEpoch} was given away while ${owner} had its lease`);
  if (toSeq === fromSeq) return faults;
  const what = `events ${fromSeq + 1} to ${toSeq}`;
  const isGone = untilMs === null || untilMs === 0;
  if (owner === null) faults.push(`I7 ${what} were written by somebody who did not own it`);
  else if (isGone || (!isAlive && !alone))
    faults.push(
      isGone
        ? `I7 ${what} were written by ${owner}, whose session was gone`
        : `I7 ${what} were written by ${owner}, ${atMs - untilMs} ms after its lease had ended`,
    );
  return faults;
}
