/** Longest first: printing takes the first unit that divides. */
const units = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
  ["ms", 1],
] as const;

const sizes = new Map<string, number>(units);

/**
 * Reads a whole number with one unit, `200ms 10s 5m 8h 3d`, as milliseconds; a sign is allowed because the
 * difference of two times can be negative. Undefined when the text is no duration, or not exact as a
 * JavaScript number.
 */
export function parseDuration(text: string): number | undefined {
  const match = /^(-?)(\d+)(ms|s|m|h|d)$/.exec(text);
  if (match === null) return undefined;
  const [, sign, digits, unit] = match;
  const milliseconds = Number(digits) * (sizes.get(unit ?? "") ?? Number.NaN);
  if (!Number.isSafeInteger(milliseconds)) return undefined;
  return sign === "-" && milliseconds !== 0 ? -milliseconds : milliseconds;
}

/** Prints whole milliseconds in the largest unit that is exact: 5_400_000 is `90m`, not `1.5h`. Zero is `0s`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds === 0) return "0s";
  for (const [unit, size] of units) {
    if (milliseconds % size === 0) return `${milliseconds / size}${unit}`;
  }
  return `${milliseconds}ms`;
}

/**
 * Prints a measured time for a person, two or three digits and never an exact unit: `8ms`, `1.4s`, `12s`,
 * `3m 05s`, `2h 10m`, `3d 4h`.
 */
export function formatElapsed(milliseconds: number): string {
  const ms = Math.max(0, Math.round(milliseconds));
  if (ms < 1_000) return `${ms}ms`;
  if (ms < 9_950) return `${(ms / 1_000).toFixed(1)}s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}m ${pad(seconds % 60)}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1_440) return `${Math.floor(minutes / 60)}h ${pad(minutes % 60)}m`;
  return `${Math.floor(minutes / 1_440)}d ${Math.floor((minutes % 1_440) / 60)}h`;
}

function pad(number: number): string {
  return String(number).padStart(2, "0");
}
