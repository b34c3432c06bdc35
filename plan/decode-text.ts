import type { JsonSchema } from "./plan.ts";

type DecodedText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly message: string };

/** Checks text against length, pattern and format of its schema; times come out in UTC. */
export function decodeText(schema: JsonSchema, text: string): DecodedText {
  const { minLength, maxLength, pattern, format } = schema;
  if (typeof minLength === "number" || typeof maxLength === "number") {
    const length = characters(text);
    if (typeof minLength === "number" && length < minLength) {
      return refuse(`must have at least ${minLength} characters, not ${length}`);
    }
    if (typeof maxLength === "number" && length > maxLength) {
      return refuse(`must have at most ${maxLength} characters, not ${length}`);
    }
  }
  if (typeof pattern === "string" && !matches(pattern, text)) {
    return refuse(`must match ${pattern}, not ${show(text)}`);
  }
  return typeof format === "string" ? decodeFormat(format, text) : { ok: true, text };
}

function decodeFormat(format: string, text: string): DecodedText {
  switch (format) {
    case "email":
      return /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/u.test(text)
        ? { ok: true, text }
        : refuse(`must be an e-mail address, not ${show(text)}`);
    case "uri":
      return URL.canParse(text) ? { ok: true, text } : refuse(`must be a URL, not ${show(text)}`);
    case "date":
      return isDate(text)
        ? { ok: true, text }
        : refuse(`must be a date like 2026-11-20, not ${show(text)}`);
    case "date-time":
      return decodeTime(text);
    default:
      return { ok: true, text };
  }
}

const timePattern = /^(\d{4}-\d{2}-\d{2})[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;

function decodeTime(text: string): DecodedText {
  const day = timePattern.exec(text)?.[1];
  const ms =
    day !== undefined && isDate(day)
      ? Date.parse(text.replace(" ", "T").toUpperCase())
      : Number.NaN;
  if (Number.isNaN(ms))
    return refuse(`must be a time like 2026-11-20T08:00:00Z, not ${show(text)}`);
  return { ok: true, text: new Date(ms).toISOString() };
}

/** `Date` accepts 30 February and moves it into March; only a day that exists comes back unchanged. */
function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

/** The compiler has proven that the pattern compiles; one from elsewhere that does not, matches nothing. */
function matches(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern, "u").test(text);
  } catch {
    return false;
  }
}

/** Characters as people count them, as JSON Schema does: an emoji is one, not two code units. */
function characters(text: string): number {
  let length = 0;
  for (const _ of text) length += 1;
  return length;
}

function refuse(message: string): DecodedText {
  return { ok: false, message };
}

function show(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}…` : text);
}
