import type { Json } from "../../plan/expression.ts";
import { failure, type CallOutcome } from "../ports/call-outcome.ts";
import type { HttpCall, HttpPort } from "../ports/tool.ts";
import { readBounded, TooLarge } from "./bounded-body.ts";
import { followRedirects, RefusedRedirect, UnsendableRequest } from "./http-redirect.ts";
import { codeOfStatus, retryAfterMs } from "../ports/http-status.ts";
import { describeFault } from "../ports/network-fault.ts";
import { oneLine } from "../ports/one-line.ts";
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
          return failure("not_found", `${place}: ${scrub(error.message, call.secrets)}`);
        if (error instanceof UnsendableRequest)
          return failure("invalid_input", `${place}: ${scrub(error.message, call.secrets)}`);
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
  const mime = response.headers.get("content-type") ?? "";
  const text = decodeText(bytes, mime);
  const isJson = /\bjson\b/i.test(mime);
  if (call.expectsText && !isJson) return { ok: true, value: text };
  try {
    return { ok: true, value: JSON.parse(text) as Json };
  } catch {
    // Text is a legal answer of a tool that returns text; whether it is, the check of the type decides.
    if (!isJson) return { ok: true, value: text };
    return failure(
      "invalid_output",
      `${placeOf(call)} answered text that is not JSON although it says so`,
    );
  }
}

/** In the character set that the answer names; UTF-8 when it names none, or one that nobody knows. */
function decodeText(bytes: Uint8Array, mime: string): string {
  const charset = /charset="?([\w.:-]+)/i.exec(mime)?.[1] ?? "utf-8";
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return new TextDecoder().decode(bytes);
  }
}

async function refused(
  call: HttpCall,
  response: Response,
  context: { readonly place: string; readonly now: number },
): Promise<CallOutcome> {
  const { status } = response;
  const code = call.errorsByStatus[String(status)] ?? codeOfStatus(status);
  const detail = await errorDetail(response, call.secrets);
  const message = `${context.place} answered ${status}${detail === "" ? "" : `: ${detail}`}`;
  return failure(code, message, { retryAfterMs: retryAfterMs(response.headers, context.now) });
}

/** What the other side says about its refusal, in one short line; empty when it says nothing readable. */
async function errorDetail(response: Response, secrets: readonly string[]): Promise<string> {
  let text: string;
  try {
    text = new TextDecoder().decode(await readBounded(response, maxErrorBytes));
  } catch {
    return "";
  }
  // Scrubbed before it is cut, which could leave a part of a secret that is no longer recognised.
  return oneLine(scrub(messageIn(text) ?? (/^\s*</.test(text) ? "" : text), secrets));
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

function originAndPath({ protocol, host, pathname }: URL): string {
  return `${protocol}//${host}${pathname}`;
}

/** Method, origin and path: a query may hold what should not be journalled twice. */
function placeOf(call: HttpCall): string {
  const url = URL.canParse(call.url) ? new URL(call.url) : undefined;
  const place = url === undefined ? (call.url.split(/[?#]/)[0] ?? "") : originAndPath(url);
  return scrub(`${call.method} ${place}`, call.secrets);
}
