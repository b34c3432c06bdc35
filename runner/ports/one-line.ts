/** Control characters could move the cursor of a terminal that shows them, or forge a line of a log. */
const unprintable = /[\p{Cc}\u2028\u2029]+/gu;

/** What somebody else said, as one line that is safe to show and to keep: at most `limit` characters. */
export function oneLine(text: string, limit = 300): string {
  // Cut before it is searched too: what others say can be of any length.
  const line = text
    .slice(0, limit * 4)
    .replace(unprintable, " ")
    .replace(/\s+/g, " ")
    .trim();
  return line.length > limit ? `${line.slice(0, limit - 1)}…` : line;
}
