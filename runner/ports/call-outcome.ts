import type { Json } from "../../plan/expression.ts";

/** What a call used. Money is priced by the caller, from the plan. */
export interface Usage {
  readonly tokensIn: number;
  readonly tokensOut: number;
}

/** Why a call failed, as a value: `code` is one of the run-time codes of the language or one a tool declares. */
export interface CallFailure {
  readonly ok: false;
  readonly code: string;
  /** Fit to be journalled and shown: never holds a secret. */
  readonly message: string;
  /** The other side asked not to be called again for so long. */
  readonly retryAfterMs?: number;
  readonly usage?: Usage;
}

export type CallOutcome =
  | { readonly ok: true; readonly value: Json; readonly usage?: Usage }
  | CallFailure;

/** The failure codes that every tool and module may give without declaring them. */
export const standardCodes: ReadonlySet<string> = new Set([
  "timeout",
  "rate_limited",
  "unavailable",
  "unauthorized",
  "not_found",
  "conflict",
  "invalid_input",
  "invalid_output",
  "cancelled",
]);

export function failure(
  code: string,
  message: string,
  more: { readonly retryAfterMs?: number | undefined; readonly usage?: Usage } = {},
): CallFailure {
  return {
    ok: false,
    code,
    message,
    ...(more.retryAfterMs === undefined ? {} : { retryAfterMs: more.retryAfterMs }),
    ...(more.usage === undefined ? {} : { usage: more.usage }),
  };
}
