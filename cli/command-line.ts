import { didYouMean } from "../base/did-you-mean.ts";
import type { CommandSpec, Invocation } from "./command-spec.ts";
import { commandGroups, commandTable, groupNames } from "./command-table.ts";
import type { Environment } from "./environment.ts";
import { exitCodes } from "./exit-codes.ts";
import { Options } from "./options.ts";
import { reportFault } from "./report-fault.ts";
import { systemTerminal } from "./terminal.ts";
import type { Terminal } from "./terminal.ts";
import { UserMistake } from "./user-mistake.ts";

interface GlobalOptions {
  readonly color: boolean | undefined;
  readonly debug: boolean;
  readonly help: boolean;
  /** The other words. */
  readonly words: readonly string[];
}

/** Runs one command line, from its words to its exit code. Nothing is thrown. */
export async function commandLine(
  words: readonly string[],
  environment: Environment,
): Promise<number> {
  const globals = takeGlobals(words);
  const terminal = systemTerminal({ environment, color: globals.color });
  const json = wantsJson(globals.words);
  try {
    return await dispatch(globals, terminal, environment);
  } catch (error) {
    return await reportFault(error, { terminal, environment, json, debug: globals.debug, words });
  }
}

/** Also what `--format json` and `--reporter json` ask for; words behind `--` belong to the flow. */
function wantsJson(words: readonly string[]): boolean {
  const end = words.indexOf("--");
  const own = end < 0 ? words : words.slice(0, end);
  return own.some(
    (word, index) =>
      /^--(?:json|(?:format|reporter)=json)$/.test(word) ||
      (word === "json" && /^--(?:format|reporter)$/.test(own[index - 1] ?? "")),
  );
}

async function dispatch(
  globals: GlobalOptions,
  terminal: Terminal,
  environment: Environment,
): Promise<number> {
  const [first, second] = globals.words;
  if (first === undefined || first === "help" || (first.startsWith("-") && globals.help))
    return await showHelp(globals, terminal);
  if (first === "--version" || first === "-V" || first === "-v") {
    return await execute(specNamed("version"), ["version"], terminal, environment);
  }
  const spec = commandTable.find(({ name }) => name === first || name === `${first} ${second}`);
  if (spec === undefined || globals.help) {
    if (!globals.help && !groupNames().includes(first)) throw unknownCommand(first);
    return await showHelp(globals, terminal);
  }
  return await execute(spec, globals.words, terminal, environment);
}

async function execute(
  spec: CommandSpec,
  words: readonly string[],
  terminal: Terminal,
  environment: Environment,
): Promise<number> {
  const rest = words.slice(spec.name.split(" ").length);
  // A command without words needs no parser; that saves ten milliseconds of its start.
  const parsed =
    rest.length === 0 && spec.arguments?.some(({ required }) => required) !== true
      ? { args: [], parameters: [], options: new Options([]) }
      : (await import("./parse-arguments.ts")).parseArguments(spec, rest);
  const invocation: Invocation = { ...parsed, terminal, environment, commands: commandTable };
  return await (
    await spec.load()
  )(invocation);
}

async function showHelp(globals: GlobalOptions, terminal: Terminal): Promise<number> {
  const { commandHelp, groupHelp, mainHelp } = await import("./help.ts");
  const style = { colors: terminal.outColors, columns: terminal.outColumns() ?? 80 };
  const asked = globals.words.filter((word) => word !== "help" && !word.startsWith("-"));
  const [first, second] = asked;
  const spec = commandTable.find(({ name }) => name === first || name === `${first} ${second}`);
  if (spec !== undefined) terminal.out(commandHelp(spec, style));
  else if (first === undefined) terminal.out(mainHelp(commandGroups, style));
  else if (groupNames().includes(first)) {
    if (second !== undefined) throw unknownCommand(`${first} ${second}`);
    if (!globals.help && wantsJson(globals.words)) {
      throw new UserMistake(`\`agentflow ${first}\` needs one of its commands`, {
        hints: [`agentflow ${first} --help lists them`],
      });
    }
    terminal.out(groupHelp(first, commandTable, style));
    return globals.help ? exitCodes.ok : exitCodes.usage;
  } else throw unknownCommand(first);
  return exitCodes.ok;
}

function takeGlobals(words: readonly string[]): GlobalOptions {
  const end = words.indexOf("--");
  const own = end < 0 ? words : words.slice(0, end);
  const flags = new Set(["--color", "--no-color", "--debug", "--help", "-h"]);
  const last = own.findLast((word) => word === "--color" || word === "--no-color");
  return {
    color: last === undefined ? undefined : last === "--color",
    debug: own.includes("--debug"),
    help: own.includes("--help") || own.includes("-h"),
    words: [...own.filter((word) => !flags.has(word)), ...(end < 0 ? [] : words.slice(end))],
  };
}

function unknownCommand(name: string): UserMistake {
  if (name.startsWith("-")) {
    const [meant] = didYouMean(name, ["--help", "--version", "--color", "--no-color", "--debug"]);
    return new UserMistake(`agentflow has no option ${name}`, {
      hints: [
        ...(meant === undefined ? [] : [`did you mean ${meant}?`]),
        "an option of a command goes behind its name; agentflow --help lists the commands",
      ],
    });
  }
  const [meant] = didYouMean(name, [...commandTable.map((spec) => spec.name), ...groupNames()]);
  return new UserMistake(`there is no command \`${name}\``, {
    hints: [
      ...(meant === undefined ? [] : [`did you mean \`agentflow ${meant}\`?`]),
      "agentflow --help lists all commands",
    ],
  });
}

function specNamed(wanted: string): CommandSpec {
  const spec = commandTable.find(({ name }) => name === wanted);
  if (spec === undefined) throw new Error(`the table of commands lacks ${wanted}`);
  return spec;
}
