import { Command, CommanderError, Option } from "commander";

import { didYouMean } from "../base/did-you-mean.ts";
import { optionName, optionValue } from "./command-spec.ts";
import type { CommandSpec, OptionSpec } from "./command-spec.ts";
import { Options } from "./options.ts";
import { UserMistake } from "./user-mistake.ts";

export interface ParsedArguments {
  readonly args: readonly string[];
  readonly parameters: readonly string[];
  readonly options: Options;
}

/** Reads what stands behind the command's name. Throws `UserMistake`. */
export function parseArguments(spec: CommandSpec, words: readonly string[]): ParsedArguments {
  const command = describe(spec);
  const known = (spec.options ?? []).map(optionName);
  try {
    command.parse([...words], { from: "user" });
  } catch (error) {
    throw error instanceof CommanderError ? mistakeOf(error, spec, known) : error;
  }
  const { positional, parameters } = divide(spec, command.args);
  checkCount(spec, positional);
  const values = command.opts<Record<string, string | boolean | string[] | undefined>>();
  const options = (spec.options ?? []).map((option) => {
    const name = optionName(option);
    const value = values[camelCase(name)];
    return [
      isNegative(option) ? `no-${name}` : name,
      isNegative(option) ? value === false : value,
    ] as const;
  });
  return { args: positional, parameters, options: new Options(options) };
}

function describe(spec: CommandSpec): Command {
  const command = new Command(spec.name)
    .helpOption(false)
    .exitOverride()
    .configureOutput({ writeErr: () => undefined, writeOut: () => undefined })
    .allowExcessArguments(true)
    .allowUnknownOption(spec.takesParameters === true);
  for (const option of spec.options ?? []) command.addOption(describeOption(option));
  return command;
}

function describeOption(spec: OptionSpec): Option {
  const option = new Option(spec.flags);
  if (spec.choices !== undefined) option.choices(spec.choices);
  if (spec.many === true) {
    const choices = spec.choices;
    option.argParser((value: string, previous: readonly string[] | undefined) => {
      if (choices?.includes(value) === false) {
        throw new UserMistake(`--${optionName(spec)} can't be \`${value}\``, {
          hints: [choicesHint(choices)],
        });
      }
      return [...(previous ?? []), value];
    });
  }
  return option;
}

/** The flow's flags start with the first word that begins with `-`, or that no argument is left for. */
function divide(
  spec: CommandSpec,
  words: readonly string[],
): { positional: readonly string[]; parameters: readonly string[] } {
  if (spec.takesParameters !== true) return { positional: words, parameters: [] };
  const flag = words.findIndex((word) => word.startsWith("-") && word !== "-");
  const end = flag < 0 ? words.length : flag;
  return { positional: words.slice(0, end), parameters: words.slice(end) };
}

function checkCount(spec: CommandSpec, given: readonly string[]): void {
  const declared = spec.arguments ?? [];
  const missing = declared.find(
    (argument, index) => argument.required === true && given[index] === undefined,
  );
  if (missing !== undefined) {
    throw new UserMistake(
      `\`agentflow ${spec.name}\` needs <${missing.name}>: ${missing.summary}`,
      {
        hints: exampleHints(spec),
      },
    );
  }
  const extra = given[declared.length];
  if (extra !== undefined && declared.at(-1)?.many !== true) {
    throw new UserMistake(`\`agentflow ${spec.name}\` does not know what to do with \`${extra}\``, {
      hints: exampleHints(spec),
    });
  }
}

function mistakeOf(
  error: CommanderError,
  spec: CommandSpec,
  known: readonly string[],
): UserMistake {
  const quoted = /'([^']*)'/.exec(error.message)?.[1] ?? "";
  const flag = /--[\w-]+/.exec(quoted)?.[0] ?? quoted;
  const option = (spec.options ?? []).find((candidate) => candidate.flags === quoted);
  switch (error.code) {
    case "commander.unknownOption": {
      const [meant] = didYouMean(flag.replace(/^-+/, ""), known);
      return new UserMistake(`\`agentflow ${spec.name}\` has no option ${flag}`, {
        hints: [
          ...(meant === undefined ? [] : [`did you mean --${meant}?`]),
          `agentflow ${spec.name} --help lists all options`,
        ],
      });
    }
    case "commander.optionMissingArgument":
      return new UserMistake(`${flag} needs a value: ${option?.summary ?? ""}`, {
        hints: exampleHints(spec),
      });
    case "commander.invalidArgument":
      return invalidChoice(error, spec, option, flag);
    default:
      return new UserMistake(error.message.replace(/^error: /, ""), { hints: exampleHints(spec) });
  }
}

function invalidChoice(
  error: CommanderError,
  spec: CommandSpec,
  option: OptionSpec | undefined,
  flag: string,
): UserMistake {
  const typed = /argument '([^']*)' is invalid/.exec(error.message)?.[1] ?? "";
  const choices = option?.choices ?? [];
  const [meant] = didYouMean(typed, choices);
  const hints = [
    ...(meant === undefined ? [] : [`did you mean ${flag} ${meant}?`]),
    choicesHint(choices),
  ];
  return new UserMistake(`${flag} of \`agentflow ${spec.name}\` can't be \`${typed}\``, { hints });
}

function choicesHint(choices: readonly string[]): string {
  return `it is one of ${choices.join(", ")}`;
}

function exampleHints(spec: CommandSpec): readonly string[] {
  const [example] = spec.examples;
  return example === undefined ? [] : [`for example ${example.command}`];
}

function isNegative(option: OptionSpec): boolean {
  return option.flags.includes("--no-") && optionValue(option) === undefined;
}

function camelCase(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}
