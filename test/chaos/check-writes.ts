import type { Evidence } from "./evidence.ts";
import type { WatchedWrite } from "./write-watch.ts";

/** I1, I7: what the server wrote down of each change of a run, by its own clock. */
export function checkWrites({ writes }: Pick<Evidence, "writes">): readonly string[] {
  return writes.flatMap((write) => checkWrite(write).map((fault) => `${fault} [run ${write.run}]`));
}

function checkWrite(write: WatchedWrite): string[] {
  const { atMs, fromEpoch, toEpoch, fromSeq, toSeq, owner, untilMs } = write;
  const faults: string[] = [];
  const isAlive = untilMs !== null && untilMs > atMs;
  if (toSeq < fromSeq) faults.push(`I1 it had ${fromSeq} events, and then ${toSeq}`);
  if (toEpoch !== fromEpoch && toEpoch !== fromEpoch + 1)
    faults.push(`I7 its epoch went from ${fromEpoch} to ${toEpoch}`);
  if (toEpoch > fromEpoch && owner !== null && isAlive)
    faults.push(`I7 epoch ${toEpoch} was given away while ${owner} had its lease`);
  if (toSeq === fromSeq) return faults;
  const what = `events ${fromSeq + 1} to ${toSeq}`;
  if (owner === null) faults.push(`I7 ${what} were written by somebody who did not own it`);
  else if (!isAlive)
    faults.push(
      untilMs === null
        ? `I7 ${what} were written by ${owner}, whose session was gone`
        : `I7 ${what} were written by ${owner}, ${atMs - untilMs} ms after its lease had ended`,
    );
  return faults;
}
