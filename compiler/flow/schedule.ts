import { Cron } from "croner";

/**
 * Says what is wrong with a cron expression in a sentence without a subject, null if nothing is. Five fields:
 * minute, hour, day of month, month, day of week.
 */
export function cronProblem(expression: string): string | null {
  const fields = expression.trim().split(/\s+/);
  if (fields.length !== 5) {
    return `has ${fields.length} ${fields.length === 1 ? "field" : "fields"}, but needs five: minute, hour, day of month, month, day of week`;
  }
  const faulty = fields.findIndex((field, index) => !isField(field, index));
  if (faulty >= 0)
    return `has a wrong ${fieldNames[faulty]}: \`${fields[faulty]}\`; ${fieldHelp[faulty]}`;
  const next = new Cron(expression).nextRun(new Date("2024-01-01T00:00:00Z"));
  return next === null ? "names a day that no month has" : null;
}

const fieldNames = ["minute", "hour", "day of month", "month", "day of week"];

const fieldHelp = [
  "minutes go from 0 to 59",
  "hours go from 0 to 23",
  "days of the month go from 1 to 31, `L` is the last",
  "months go from 1 to 12 or JAN to DEC",
  "days of the week go from 0 (Sunday) to 7 (Sunday again) or SUN to SAT",
];

/** Each field is tried with stars around it, so that the one at fault can be named. */
function isField(field: string, index: number): boolean {
  const pattern = fieldNames.map((_, other) => (other === index ? field : "*")).join(" ");
  try {
    new Cron(pattern).getPattern();
    return true;
  } catch {
    return false;
  }
}

/** True for a name of the IANA time zone database that this machine knows. */
export function isTimeZone(zone: string): boolean {
  // Offsets such as "+02:00" are accepted by some engines, but do not follow daylight saving time.
  if (!/^[A-Za-z]/.test(zone)) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone }).format(0);
    return true;
  } catch {
    return false;
  }
}

/** Names of zones for did-you-mean. */
export function timeZones(): readonly string[] {
  return [...Intl.supportedValuesOf("timeZone"), "UTC"];
}
