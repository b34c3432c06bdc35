const timeoutCodes = new Set([
  "ETIMEDOUT",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_HEADERS_TIMEOUT",
  "UND_ERR_BODY_TIMEOUT",
]);

const reasons = new Map([
  ["ECONNREFUSED", "nothing accepts connections there"],
  ["ECONNRESET", "the connection was cut"],
  ["EPIPE", "the connection was cut"],
  ["UND_ERR_SOCKET", "the connection was cut"],
  ["ENOTFOUND", "the host name is unknown"],
  ["EAI_AGAIN", "the name service does not answer"],
  ["EHOSTUNREACH", "the host can't be reached"],
  ["ENETUNREACH", "the network can't be reached"],
]);

/** What went wrong below HTTP, as a run-time code and words. */
export function describeFault(error: unknown): { readonly code: string; readonly message: string } {
  let cause: unknown = error;
  // `fetch` says only "fetch failed"; the reason is in the innermost cause.
  while (cause instanceof Error && cause.cause !== undefined) cause = cause.cause;
  const code = codeOf(cause) ?? codeOf(error);
  if (code !== undefined && timeoutCodes.has(code)) {
    return { code: "timeout", message: "no answer in time" };
  }
  const reason = code === undefined ? undefined : reasons.get(code);
  const text = reason ?? (cause instanceof Error ? cause.message : String(cause));
  return { code: "unavailable", message: text };
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
