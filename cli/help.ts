import type { CommandSpec, ExampleSpec } from "./command-spec.ts";
import type { Colors } from "./terminal.ts";
import { wrapText } from "./wrap-text.ts";

export interface HelpStyle {
  readonly colors: Colors;
  readonly columns: number;
}

export interface CommandGroup {
  readonly title: string;
  readonly commands: readonly CommandSpec[];
}

/** `agentflow --help`. */
export function mainHelp(groups: readonly CommandGroup[], style: HelpStyle): string {
  const { bold, dim } = style.colors;
  const lines = [
    `${bold("agentflow")} checks, runs and looks after .agentflow programs.`,
    "",
    bold("Start here"),
    ...exampleLines(
      [
        { command: "agentflow init demo", does: "make a small project" },
        { command: "agentflow check demo", does: "find its mistakes" },
        {
          command: "agentflow run demo/main.agentflow --topic bees --mock",
          does: "run it, without any key",
        },
        { command: "agentflow test demo", does: "run its tests" },
      ],
      style,
    ),
  ];
  for (const group of groups) {
    lines.push(
      "",
      bold(group.title),
      ...rows(
        group.commands.map(({ name, summary }) => [name, summary]),
        style,
      ),
    );
  }
  lines.push(
    "",
    bold("For every command"),
    ...rows(
      [
        ["--help", "what it does, with examples"],
        ["--color, --no-color", "colour or not; NO_COLOR and FORCE_COLOR work too"],
        ["--debug", "print the details of an internal error"],
      ],
      style,
    ),
    "",
    dim(
      "Ends with 0 done · 1 failed · 2 wrong command line · 3 waits · 4 refused · 130 interrupted",
    ),
  );
  return `${lines.join("\n")}\n`;
}

/** `agentflow <command> --help`. */
export function commandHelp(spec: CommandSpec, style: HelpStyle): string {
  const { bold } = style.colors;
  const lines = [
    `${bold(`agentflow ${spec.name}`)}: ${spec.summary}`,
    "",
    bold("Examples"),
    ...exampleLines(spec.examples, style),
  ];
  lines.push("", bold("Usage"), `  ${usageLine(spec)}`);
  for (const paragraph of spec.description ?? []) {
    lines.push(
      "",
      ...wrapText(paragraph, Math.min(style.columns, 100) - 2).map((line) => `  ${line}`),
    );
  }
  if (spec.arguments !== undefined) {
    lines.push(
      "",
      bold("Arguments"),
      ...rows(
        spec.arguments.map(({ name, summary }) => [name, summary]),
        style,
      ),
    );
  }
  const options = (spec.options ?? []).map(({ flags, summary, choices }): [string, string] => [
    flags,
    choices === undefined ? summary : `${summary}: ${choices.join(", ")}`,
  ]);
  if (options.length > 0) lines.push("", bold("Options"), ...rows(options, style));
  return `${lines.join("\n")}\n`;
}

/** `agentflow runs --help`, or a first word without its second. */
export function groupHelp(
  group: string,
  commands: readonly CommandSpec[],
  style: HelpStyle,
): string {
  const { bold } = style.colors;
  const own = commands.filter(({ name }) => name.startsWith(`${group} `));
  const lines = [
    `${bold(`agentflow ${group}`)} ${own.map(({ name }) => name.slice(group.length + 1)).join(" | ")}`,
    "",
    ...rows(
      own.map(({ name, summary }) => [name, summary]),
      style,
    ),
    "",
    `  agentflow ${group} <command> --help tells more.`,
  ];
  return `${lines.join("\n")}\n`;
}

function exampleLines(examples: readonly ExampleSpec[], { colors }: HelpStyle): readonly string[] {
  return examples.flatMap(({ command, does }) => [
    `  ${colors.dim(`# ${does}`)}`,
    `  ${colors.cyan(command)}`,
  ]);
}

function usageLine(spec: CommandSpec): string {
  const words = ["agentflow", spec.name];
  for (const { name, required, many } of spec.arguments ?? []) {
    const shown = many === true ? `${name}…` : name;
    words.push(required === true ? `<${shown}>` : `[${shown}]`);
  }
  if (spec.takesParameters === true) words.push("[--parameter value …]");
  if ((spec.options ?? []).length > 0) words.push("[options]");
  return words.join(" ");
}

/** Two columns, the second wrapped; one below the other when the terminal is narrow. */
function rows(entries: readonly (readonly [string, string])[], style: HelpStyle): string[] {
  const { cyan } = style.colors;
  const columns = Math.min(style.columns, 110);
  const left = Math.min(Math.max(...entries.map(([name]) => name.length)), 34) + 4;
  if (columns < left + 24)
    return entries.flatMap(([name, text]) => [
      `  ${cyan(name)}`,
      ...wrapText(text, columns - 6).map((line) => `      ${line}`),
    ]);
  return entries.flatMap(([name, text]) => {
    const wrapped = wrapText(text, columns - left - 2);
    const head = `  ${cyan(name)}`;
    if (name.length + 4 > left) return [head, ...wrapped.map((line) => " ".repeat(left) + line)];
    return wrapped.map((line, index) =>
      index === 0 ? head + " ".repeat(left - name.length - 2) + line : " ".repeat(left) + line,
    );
  });
}
