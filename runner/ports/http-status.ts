/** The run-time code for a status that the tool's own `errors` do not name. */
export function codeOfStatus(status: number): string {
  switch (status) {
    case 401:
    case 403:
    case 407:
      return "unauthorized";
    case 404:
    case 410:
      return "not_found";
    case 408:
      return "timeout";
    case 409:
    case 412:
    case 423:
      return "conflict";
    case 425:
    case 429:
      return "rate_limited";
    default:
      // A redirect that was not followed points to an address that is no longer right.
      if (status >= 300 && status < 400) return "not_found";
      return status >= 500 ? "unavailable" : "invalid_input";
  }
}

/** A wait beyond this is no wish but a mistake, and would not fit a date. */
const longestWaitMs = 10 * 365 * 24 * 60 * 60 * 1_000;

/** A wait in whole milliseconds, at most ten years; undefined when it is no wait at all. */
export function soundWaitMs(ms: number): number | undefined {
  return Number.isNaN(ms) || ms < 0 ? undefined : Math.ceil(Math.min(ms, longestWaitMs));
}

/**
 * How long the other side asks to be left alone, in milliseconds: `retry-after-ms`, or `retry-after` in
 * seconds or as an HTTP date. Undefined when it does not say, or says something unreadable.
 */
export function retryAfterMs(
  headers: { get(name: string): string | null },
  now: number,
): number | undefined {
  const precise = Number.parseFloat(headers.get("retry-after-ms") ?? "");
  const exact = soundWaitMs(precise);
  if (exact !== undefined) return exact;
  const text = headers.get("retry-after")?.trim();
  if (text === undefined || text === "") return undefined;
  if (/^\d+(\.\d+)?$/.test(text)) return soundWaitMs(Number(text) * 1_000);
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : soundWaitMs(Math.max(0, date - now));
}
