/** A time that somebody wrote: a point in time, or a whole day. Milliseconds since 1970. */
export interface WrittenTime {
  readonly firstMs: number;
  /** The last millisecond that is meant: of a day its end. */
  readonly lastMs: number;
}

const pattern =
  /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,3})\d*)?)?(?:([Zz])|([+-])(\d\d):?(\d\d))?)?$/;

/**
 * Reads RFC 3339, `2024-01-31T08:00`, or `2024-01-31`; what has no offset is meant in the zone. When clocks are put forward, a
 * time that does not exist is as far behind the gap as it was into it; when they are put back, one that exists twice is the first. Null when it is
 * no such time.
 */
export function parseZonedTime(text: string, zone: string): WrittenTime | null {
  const found = pattern.exec(text.trim());
  if (found === null) return null;
  const [, year, month, day, hour, minute, second = "0", fraction = "", utc, sign, hours, minutes] =
    found;
  const fields = [year, Number(month) - 1, day, hour ?? 0, minute ?? 0, second].map(Number);
  const wallMs = wallTime(fields) + Number(fraction.padEnd(3, "0"));
  if (!isReal(wallMs, fields)) return null;
  if (hour === undefined) {
    const [inYear = 0, inMonth = 0, onDay = 0] = fields;
    const nextDayMs = wallTime([inYear, inMonth, onDay + 1]);
    return { firstMs: fromWall(wallMs, zone), lastMs: fromWall(nextDayMs, zone) - 1 };
  }
  const offsetMs = (Number(hours) * 60 + Number(minutes)) * 60_000;
  const atMs =
    utc !== undefined
      ? wallMs
      : sign !== undefined
        ? wallMs - (sign === "-" ? -offsetMs : offsetMs)
        : fromWall(wallMs, zone);
  return { firstMs: atMs, lastMs: atMs };
}

/** `2024-01-31 08:00 +01:00`, with seconds if there are any. */
export function formatZonedTime(atMs: number, zone: string): string {
  const offsetMs = offsetAt(atMs, zone);
  const wall = new Date(atMs + offsetMs).toISOString();
  const time = wall.slice(11, wall.slice(17, 19) === "00" ? 16 : 19);
  const minutes = Math.abs(offsetMs) / 60_000;
  const two = (value: number): string => String(Math.floor(value)).padStart(2, "0");
  const sign = offsetMs < 0 ? "-" : "+";
  return `${wall.slice(0, 10)} ${time} ${sign}${two(minutes / 60)}:${two(minutes % 60)}`;
}

/** The time at which clocks of the zone show this. */
function fromWall(wallMs: number, zone: string): number {
  const dayMs = 86_400_000;
  const before = wallMs - offsetAt(wallMs - dayMs, zone);
  const after = wallMs - offsetAt(wallMs + dayMs, zone);
  const shown = [before, after].filter((atMs) => atMs + offsetAt(atMs, zone) === wallMs);
  // In a gap neither shows it; by the offset of before it is behind the gap.
  return shown.length > 0 ? Math.min(...shown) : Math.max(before, after);
}

function offsetAt(atMs: number, zone: string): number {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  }).formatToParts(atMs);
  const part = (type: string): number =>
    Number(parts.find((candidate) => candidate.type === type)?.value ?? 0);
  const shownMs = wallTime([
    part("year"),
    part("month") - 1,
    part("day"),
    part("hour"),
    part("minute"),
    part("second"),
  ]);
  return shownMs - Math.floor(atMs / 1_000) * 1_000;
}

function wallTime(fields: readonly number[]): number {
  const [year = 0, month = 0, day = 1, hour = 0, minute = 0, second = 0] = fields;
  return Date.UTC(year, month, day, hour, minute, second);
}

/** The 31st of February is a day in March to `Date`. */
function isReal(wallMs: number, [, month, day, hour, minute]: readonly number[]): boolean {
  const date = new Date(wallMs);
  return (
    date.getUTCMonth() === month &&
    date.getUTCDate() === day &&
    date.getUTCHours() === hour &&
    date.getUTCMinutes() === minute
  );
}
