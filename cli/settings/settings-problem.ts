import type { Colors } from "../terminal.ts";

/** One thing that keeps the settings from being used. */
export interface SettingsProblem {
  /** Where it is: offsets into the file, or null when it comes from elsewhere. */
  readonly span: { readonly start: number; readonly end: number } | null;
  /** Where it comes from when it is not in the file: `REDIS_URL`, `--concurrency`. */
  readonly origin: string;
  /** What is wrong, and why. */
  readonly message: string;
  /** What to do about it. */
  readonly hint: string;
}

/** What was read of a file, for showing places in it. */
export interface SettingsText {
  /** As the user would name it. */
  readonly name: string;
  readonly text: string;
}

/** All problems, with the lines they are in. Passwords in addresses are hidden. */
export function printProblems(
  problems: readonly SettingsProblem[],
  file: SettingsText | null,
  { bold, dim, red, cyan }: Colors,
): string {
  const inOrder = [...problems].sort(
    (a, b) => (a.span?.start ?? Infinity) - (b.span?.start ?? Infinity),
  );
  const blocks = inOrder.map((problem) => {
    const head = `${red("error")}: ${bold(problem.message)}\n`;
    const place =
      file === null || problem.span === null
        ? `  ${dim("-->")} ${problem.origin}\n`
        : frame(file, problem.span, { dim, red });
    return `${head}${place}  ${cyan("help")}: ${problem.hint}\n`;
  });
  return blocks.join("\n");
}

function frame(
  { name, text }: SettingsText,
  { start, end }: { readonly start: number; readonly end: number },
  { dim, red }: Pick<Colors, "dim" | "red">,
): string {
  const { line, column } = lineAndColumn(text, start);
  const source = text.split(/\r?\n/)[line - 1] ?? "";
  const width = Math.max(1, Math.min(end, start + source.length - column + 1) - start);
  const margin = " ".repeat(String(line).length);
  const shown = hideSecrets(source);
  // Marks under a line that was changed would point at something else.
  const marks =
    shown === source
      ? `${dim(`${margin} |`)} ${" ".repeat(column - 1)}${red("^".repeat(width))}\n`
      : "";
  return (
    `${margin}${dim("-->")} ${name}:${line}:${column}\n` +
    `${dim(`${margin} |`)}\n${dim(`${line} |`)} ${shown}\n${marks}`
  );
}

/** Both from 1. */
export function lineAndColumn(
  text: string,
  offset: number,
): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset);
  const line = before.split("\n").length;
  return { line, column: offset - (before.lastIndexOf("\n") + 1) + 1 };
}

/** `postgres://me:***@host/db`. */
export function hideSecrets(text: string): string {
  return text
    .replaceAll(/(:\/\/[^:/@\s]*):[^/\s]*@/g, "$1:***@")
    .replaceAll(/([?&](?:password|sslpassword|secret|token)=)[^&\s]*/gi, "$1***");
}
