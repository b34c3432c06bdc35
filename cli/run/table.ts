import { cutToWidth, displayWidth } from "../live/display-width.ts";

/** Columns as wide as their widest cell; the last one is cut at the width of the terminal, if there is one. */
export function table(rows: readonly (readonly string[])[], columns: number | null): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, text] of row.entries())
      widths[index] = Math.max(widths[index] ?? 0, displayWidth(text));
  }
  const lines = rows.map((row) => {
    const padded = row.map((text, index) =>
      index === row.length - 1
        ? text
        : text + " ".repeat((widths[index] ?? 0) - displayWidth(text)),
    );
    return `${cutToWidth(padded.join("  ").trimEnd(), columns ?? Number.POSITIVE_INFINITY)}\n`;
  });
  return lines.join("");
}
