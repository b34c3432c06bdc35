import { UserMistake } from "../user-mistake.ts";
import { formatZonedTime, parseZonedTime, type WrittenTime } from "./zoned-time.ts";

export interface BackfillWords {
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly zone: string;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
}

/** The first and the last time of the ticks that are meant; later ones than now come by themselves. Throws `UserMistake`. */
export function backfillRange({ from, to, zone, nowMs }: BackfillWords): {
  readonly fromMs: number;
  readonly untilMs: number;
} {
  if (from === undefined)
    throw new UserMistake("say from when ticks are to be made up for", {
      hints: ["for example --from 2024-01-31, or --from 2024-01-31T08:00:00Z"],
    });
  const fromMs = read("from", from, zone).firstMs;
  const untilMs = Math.min(to === undefined ? nowMs : read("to", to, zone).lastMs, nowMs);
  if (fromMs > nowMs)
    throw new UserMistake(
      `--from is in the future: it is ${formatZonedTime(nowMs, zone)} in ${zone}`,
      { hints: ["ticks that are to come start their runs by themselves"] },
    );
  if (fromMs > untilMs)
    throw new UserMistake(`--from ${from} is later than --to ${to}`, {
      hints: ["give the earlier time with --from"],
    });
  return { fromMs, untilMs };
}

function read(name: string, text: string, zone: string): WrittenTime {
  const time = parseZonedTime(text, zone);
  if (time !== null) return time;
  throw new UserMistake(`--${name} can't be \`${text}\``, {
    hints: [
      `a day such as 2024-01-31 or a time such as 2024-01-31T08:00 is meant in the zone of the schedule, ${zone}`,
      "2024-01-31T08:00:00Z or 2024-01-31T08:00+01:00 names a time of any zone",
    ],
  });
}
