/** Shorter values would blank out ordinary words, and protect nothing. */
const minimumLength = 4;

/**
 * Replaces secrets in a text that will be journalled or shown: as they are, percent-encoded and in
 * base64. Secrets are never put into messages on purpose; this is for what others echo.
 */
export function scrub(text: string, secrets: readonly string[]): string {
  let result = text;
  for (const secret of secrets) {
    if (secret.length < minimumLength) continue;
    for (const form of formsOf(secret)) result = result.replaceAll(form, "[secret]");
  }
  return result;
}

function formsOf(secret: string): Set<string> {
  const base64 = Buffer.from(secret).toString("base64");
  return new Set([secret, encodeURIComponent(secret), base64, base64.replace(/=+$/, "")]);
}
