import type { Json } from "../../plan/expression.ts";
import { failure, type CallOutcome } from "../ports/call-outcome.ts";
import type { HttpCall, HttpPort } from "../ports/tool.ts";
import { readBounded, TooLarge } from "./bounded-body.ts";
import { followRedirects, RefusedRedirect } from "./http-redirect.ts";
import { codeOfStatus, retryAfterMs } from "../ports/http-status.ts";
import { describeFault } from "../ports/network-fault.ts";
import { scrub } from "../ports/scrub.ts";

export interface HttpToolOptions {
  /** Larger answers are refused with `invalid_output`. 10 MiB unless told. */
  readonly maxResponseBytes?: number;
  /** Gives milliseconds since 1970, for `retry-after` that names a date. */
  readonly now: () => number;
  readonly fetch?: typeof fetch;
}

const defaultMaxResponseBytes = 10 * 1024 * 1024;
/** Of a failed answer, as much as can help a person. */
const maxErrorBytes = 16 * 1024;

export function httpTool(options: HttpToolOptions): HttpPort {
  const limit = options.maxResponseBytes ?? defaultMaxResponseBytes;
  return {
    async call(call, signal) {
      const place = placeOf(call);
      try {
        const response = await followRedirects(call, signal, options.fetch ?? fetch);
        if (response.ok) return await success(call, response, limit);
        return await refused(call, response, { place, now: options.now() });
      } catch (error) {
        if (signal.aborted) return failure("cancelled", `${place} was stopped`);
        if (error instanceof TooLarge) {
          return failure("invalid_output", `${place} answered more than ${limit} bytes`);
        }
        if (error instanceof RefusedRedirect)
          return failure("not_found", `${place}: ${error.message}`);
        const fault = describeFault(error);
        return failure(fault.code, `${place}: ${scrub(fault.message, call.secrets)}`);
      }
    },
  };
}

async function success(call: HttpCall, response: Response, limit: number): Promise<CallOutcome> {
  if (call.ignoreBody || response.status === 204 || response.status === 205) {
    await response.body?.cancel();
    return { ok: true, value: null };
  }
  const bytes = await readBounded(response, limit);
  if (bytes.length === 0) return { ok: true, value: null };
  const text = new TextDecoder().decode(bytes);
  const mime = response.headers.get("content-type") ?? "";
  try {
    return { ok: true, value: JSON.parse(text) as Json };
  } catch {
    // Text is a legal answer of a tool that returns text; whether it is, the check of the type decides.
    if (!/\bjson\b/i.test(mime)) return { ok: true, value: text };
    return failure(
      "invalid_output",
      `${placeOf(call)} answered text that is not JSON although it says so`,
    );
  }
}

async function refused(
  call: HttpCall,
  response: Response,
  context: { readonly place: string; readonly now: number },
): Promise<CallOutcome> {
  const { status } = response;
  const code = call.errorsByStatus[String(status)] ?? codeOfStatus(status);
  const detail = scrub(await errorDetail(response), call.secrets);
  const message = `${context.place} answered ${status}${detail === "" ? "" : `: ${detail}`}`;
  return failure(code, message, { retryAfterMs: retryAfterMs(response.headers, context.now) });
}

/** What the other side says about its refusal, in one short line; empty when it says nothing readable. */
async function errorDetail(response: Response): Promise<string> {
  let text: string;
  try {
    text = new TextDecoder().decode(await readBounded(response, maxErrorBytes));
  } catch {
    return "";
  }
  const line = (messageIn(text) ?? (/^\s*</.test(text) ? "" : text)).replace(/\s+/g, " ").trim();
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
}

function messageIn(text: string): string | undefined {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return undefined;
  }
  let value: unknown = body;
  for (let depth = 0; depth < 3; depth += 1) {
    if (typeof value === "string") return value;
    if (typeof value !== "object" || value === null) return undefined;
    const fields = value as { readonly [name: string]: unknown };
    value = fields["message"] ?? fields["detail"] ?? fields["error"] ?? fields["title"];
  }
  return undefined;
}

/** Method, origin and path: a query may hold what should not be journalled twice. */
function placeOf(call: HttpCall): string {
  const url = URL.canParse(call.url) ? new URL(call.url) : undefined;
  const place = url === undefined ? call.url : `${url.origin}${url.pathname}`;
  return scrub(`${call.method} ${place}`, call.secrets);
}
