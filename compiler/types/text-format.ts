/** Whether a text is written as the type wants it; what `T` looks like, for messages. */
export const textFormats = {
  url: { test: isUrl, example: "https://example.com/page" },
  email: {
    test: (text: string) => /^[^\s@]+@[^\s@]+\.[^\s@]+$/u.test(text),
    example: "ada@example.com",
  },
  date: { test: isDate, example: "2026-11-20" },
  time: {
    test: (text: string) =>
      /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/u.test(text) &&
      isDate(text.slice(0, 10)),
    example: "2026-11-20T08:00:00Z",
  },
} as const;

function isUrl(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\/[^\s/]+/iu.test(text) && !/\s/u.test(text);
}

function isDate(text: string): boolean {
  const match = /^(\d{4})-(\d\d)-(\d\d)$/u.exec(text);
  if (match === null) return false;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return day >= 1 && day <= (days[month - 1] ?? 0);
}

const patterns = new Map<string, RegExp | null>();

/** The pattern of a `string("…")`; null if it is no regular expression. */
export function patternOf(source: string): RegExp | null {
  let pattern = patterns.get(source);
  if (pattern === undefined) {
    try {
      pattern = new RegExp(source, "u");
    } catch {
      pattern = null;
    }
    if (patterns.size > 1000) patterns.clear();
    patterns.set(source, pattern);
  }
  return pattern;
}

/** Characters as JSON Schema counts them: code points. */
export function lengthOf(text: string): number {
  let length = 0;
  for (const _ of text) length += 1;
  return length;
}
