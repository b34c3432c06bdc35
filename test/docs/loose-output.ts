import { stripVTControlCharacters } from "node:util";

/**
 * Does output look like what the document shows? Times, ids, hashes and dates differ from run to run, and columns
 * move with them, so those are made alike first. In the expected text `…` stands for any text in its line, and
 * alone in a line for any number of lines.
 */
export function looksLike(actual: string, expected: string): boolean {
  const lines = normaliseOutput(expected).split("\n");
  const pattern = lines
    .map((line) => {
      if (line === "…") return "(?:[^\\n]*\\n)*?";
      return `${line.split("…").map(escape).join("[^\\n]*")}\\n`;
    })
    .join("");
  return new RegExp(`^${pattern}$`).test(`${normaliseOutput(actual)}\n`);
}

/** Replaces everything that differs from run to run by the name of what it is. */
export function normaliseOutput(text: string): string {
  return stripVTControlCharacters(text)
    .replaceAll(/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(\.\d+)?(Z|[+-]\d\d:\d\d)?/g, "<time>")
    .replaceAll(/\b\d\d:\d\d:\d\d(\.\d+)?\b/g, "<time>")
    .replaceAll(/\b(?=\w*\d)[0-9a-hjkmnp-tv-z]{26}\b/gi, "<id>")
    .replaceAll(/\b(?=[a-f]*\d)[0-9a-f]{8,64}\b/g, "<hash>")
    .replaceAll(/\b\d+h \d\dm\b|\b\d+m \d\ds\b|\b\d+(\.\d+)? ?(ms|s)\b/g, "<duration>")
    .replaceAll(/(?:\/[\w.-]+)*\/agentflow-docs-\w+/g, "<folder>")
    .split("\n")
    .map((line) => line.replaceAll(/\s+/g, " ").trim())
    .join("\n")
    .trim();
}

function escape(text: string): string {
  return text.replaceAll(/[$()*+.?[\\\]^{|}]/g, "\\$&");
}
