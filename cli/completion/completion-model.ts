import { optionName, optionValue } from "../command-spec.ts";
import type { CommandSpec, Completion, OptionSpec } from "../command-spec.ts";

export interface CompletedOption {
  /** `--output`, `-o`. */
  readonly names: readonly string[];
  readonly summary: string;
  /** Null for a switch. */
  readonly value: { readonly kind: Completion; readonly choices: readonly string[] } | null;
}

const globalOptions: readonly OptionSpec[] = [
  { flags: "-h, --help", summary: "what it does, with examples" },
  { flags: "--color", summary: "always colour" },
  { flags: "--no-color", summary: "never colour" },
];

export function completedOptions(spec: CommandSpec): readonly CompletedOption[] {
  return [...(spec.options ?? []), ...globalOptions].map((option) => {
    const short = /(?:^|\s)(-\w)\b/.exec(option.flags)?.[1];
    const negative = option.flags.includes("--no-");
    const long = `--${negative ? "no-" : ""}${optionName(option)}`;
    return {
      names: short === undefined ? [long] : [long, short],
      summary: option.summary,
      value:
        optionValue(option) === undefined
          ? null
          : { kind: option.completion ?? "none", choices: option.choices ?? [] },
    };
  });
}

/** First words, each with its summary: `runs` stands for its group. */
export function firstWords(commands: readonly CommandSpec[]): ReadonlyMap<string, string> {
  const words = new Map<string, string>();
  for (const { name, summary } of commands) {
    const [first = "", second] = name.split(" ");
    if (second === undefined) words.set(first, summary);
    else
      words.set(
        first,
        secondWords(commands, first)
          .map(([word]) => word)
          .join(", "),
      );
  }
  return words;
}

export function secondWords(
  commands: readonly CommandSpec[],
  first: string,
): readonly (readonly [string, string])[] {
  return commands.flatMap(({ name, summary }) =>
    name.startsWith(`${first} `) ? [[name.slice(first.length + 1), summary] as const] : [],
  );
}

/** What `agentflow completion` takes. */
export const shells = "bash zsh fish";

/** What the shell runs to list values that only the program knows. */
export const valueCommands: Readonly<
  Record<"run" | "letter" | "schedule" | "deployment" | "code", string>
> = {
  run: "agentflow runs list --ids --limit 50",
  letter: "agentflow dead-letters list --ids",
  schedule: "agentflow schedules list --ids",
  deployment: "agentflow deployments list --ids",
  code: "agentflow explain --ids",
};
