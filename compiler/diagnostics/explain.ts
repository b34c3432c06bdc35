import { didYouMean } from "../../base/did-you-mean.ts";
import type { CatalogueEntry, Example } from "./catalogue-entry.ts";
import { catalogue } from "./catalogue.ts";
import { codes } from "./codes.ts";
import type { Code } from "./codes.ts";
import { wrapText } from "./wrap-text.ts";

export interface Explanation {
  readonly code: Code;
  readonly title: string;
  /** Ready to print, wrapped at the width asked for. */
  readonly text: string;
}

/**
 * What `agentflow explain AF4001` prints. Case, and `AF` in front, do not matter. A code that does not exist
 * gives the nearest ones.
 */
export function explain(
  asked: string,
  options: { readonly width: number },
): Explanation | { readonly nearest: readonly string[] } {
  const wanted = asked
    .trim()
    .toUpperCase()
    .replace(/^(AF)?/, "AF");
  const code = codes.find((one) => one === wanted);
  if (code === undefined) return { nearest: didYouMean(wanted, codes) };
  const entry = catalogue[code];
  const parts = [
    `${entry.severity}[${code}]: ${entry.title}`,
    wrapText(entry.explanation, options.width).join("\n"),
    `${headings(entry).bad}:`,
    plainExample(entry.bad, options.width),
    `${headings(entry).good}:`,
    plainExample(entry.good, options.width),
  ];
  return { code, title: entry.title, text: `${parts.join("\n\n")}\n` };
}

/** The files of `docs/diagnostics/` by name: a page for each code, and `README.md`, which lists them. */
export function explanationPages(): ReadonlyMap<string, string> {
  const pages = codes.map((code) => [`${code}.md`, explanationPage(code)] as const);
  return new Map([["README.md", explanationIndex()], ...pages]);
}

function explanationPage(code: Code): string {
  const entry = catalogue[code];
  const parts = [
    `# ${code}: ${entry.title}`,
    entry.severity === "error"
      ? "An error: the program is not run before it is mended."
      : "A warning: the program runs all the same.",
    entry.explanation,
    `## ${headings(entry).bad}`,
    pageExample(entry.bad),
    `## ${headings(entry).good}`,
    pageExample(entry.good),
    "[All codes](README.md)",
  ];
  return `${parts.join("\n\n")}\n`;
}

function explanationIndex(): string {
  const sections = groups.map(({ digit, title }) => {
    const lines = codes
      .filter((code) => code.charAt(2) === digit)
      .map((code) => `- [${code}](${code}.md): ${catalogue[code].title}${warningMark(code)}`);
    return [`## ${title}`, lines.join("\n")].join("\n\n");
  });
  const introduction =
    "Everything `agentflow check` can say, with an example that shows it and one that does not. `agentflow explain AF4001` prints the same in the terminal. A code keeps its meaning for ever.";
  return `${["# Diagnostics", introduction, ...sections].join("\n\n")}\n`;
}

const groups = [
  { digit: "1", title: "Syntax" },
  { digit: "2", title: "Names" },
  { digit: "3", title: "Types and values" },
  { digit: "4", title: "Steps and their order" },
  { digit: "5", title: "Limits" },
  { digit: "6", title: "Trust and secrets" },
  { digit: "7", title: "The world outside" },
  { digit: "8", title: "Tests" },
  { digit: "9", title: "Advice" },
] as const;

function warningMark(code: Code): string {
  return catalogue[code].severity === "warning" ? " (warning)" : "";
}

function headings({ severity, bad }: CatalogueEntry): { bad: string; good: string } {
  const found = { deploy: "when it is put into service", start: "when it is started" };
  const when = bad.found === undefined ? "" : ` ${found[bad.found]}`;
  return severity === "error"
    ? { bad: `This is refused${when}`, good: "This is accepted" }
    : { bad: "This gives the warning", good: "This does not" };
}

function plainExample({ text, files = {}, note }: Example, width: number): string {
  const parts = Object.entries(files).map(([path, other]) => `${path}\n\n${indented(other)}`);
  const main = parts.length === 0 ? indented(text) : `main.agentflow\n\n${indented(text)}`;
  const remark = note === undefined ? [] : [wrapText(note, width).join("\n")];
  return [...parts, main, ...remark].join("\n\n");
}

function indented(text: string): string {
  return text.trimEnd().replaceAll(/^(?=.)/gm, "    ");
}

function pageExample({ text, files = {}, note }: Example): string {
  const others = Object.entries(files).map(
    ([path, other]) => `\`${path}\`:\n\n${fence(other)}\n\n\`main.agentflow\`:`,
  );
  return [...others, fence(text), ...(note === undefined ? [] : [note])].join("\n\n");
}

function fence(text: string): string {
  return `\`\`\`agentflow\n${text.trimEnd()}\n\`\`\``;
}
