import { failure, type CallFailure } from "../ports/call-outcome.ts";
import { oneLine } from "../ports/one-line.ts";
import { retryAfterMs } from "../ports/http-status.ts";
import { describeFault } from "../ports/network-fault.ts";
import { scrub } from "../ports/scrub.ts";

/** The fields of the SDK's errors that decide the code. */
interface ErrorFields {
  readonly name?: unknown;
  readonly status?: unknown;
  readonly code?: unknown;
  readonly type?: unknown;
  readonly headers?: unknown;
  readonly message?: unknown;
}

/** A failed request as one of the outcomes a model call may have. */
export function openaiFailure(
  error: unknown,
  context: { readonly model: string; readonly apiKey: string; readonly now: number },
): CallFailure {
  const fields = (typeof error === "object" && error !== null ? error : {}) as ErrorFields;
  const say = (code: string, text: string, retry?: number): CallFailure =>
    failure(code, `${context.model}: ${oneLine(scrub(text, [context.apiKey]))}`, {
      retryAfterMs: retry,
    });
  if (typeof fields.status !== "number") {
    const fault = describeFault(error);
    const timedOut = fields.name === "APIConnectionTimeoutError" || fault.code === "timeout";
    return say(timedOut ? "timeout" : "unavailable", fault.message);
  }
  const text = textOf(fields.message, fields.status);
  const headers = fields.headers instanceof Headers ? fields.headers : new Headers();
  return say(codeOf(fields.status, fields), text, retryAfterMs(headers, context.now));
}

/** Gateways answer with a page of HTML, which helps nobody. */
function textOf(message: unknown, status: number): string {
  return typeof message !== "string" || /<(?:!doctype|html|head|body)\b/i.test(message)
    ? `answered ${status}`
    : message;
}

/** What a response that was accepted but then failed reports. */
export function codeOfResponseError(code: string | undefined): string {
  if (code === "rate_limit_exceeded") return "rate_limited";
  if (code === "server_error" || code === undefined) return "unavailable";
  return filterCodes.has(code) ? "filtered" : "refused";
}

const filterCodes = new Set([
  "content_filter",
  "content_policy_violation",
  "image_content_policy_violation",
]);

function codeOf(status: number, fields: ErrorFields): string {
  if (typeof fields.code === "string" && filterCodes.has(fields.code)) return "filtered";
  // An account without credit answers 429 like a busy one, but waiting does not help.
  if (fields.code === "insufficient_quota" || fields.type === "insufficient_quota")
    return "unauthorized";
  switch (status) {
    case 401:
    case 402:
    case 403:
    case 404: // A model that does not exist and one the account may not use are answered alike.
      return "unauthorized";
    case 408:
      return "timeout";
    case 429:
      return "rate_limited";
    case 409:
      return "unavailable";
    default:
      return status >= 500 ? "unavailable" : "refused";
  }
}
