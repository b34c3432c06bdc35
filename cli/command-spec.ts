import type { Environment } from "./environment.ts";
import type { Options } from "./options.ts";
import type { Terminal } from "./terminal.ts";

/** All that a command is given. */
export interface Invocation {
  /** The declared arguments in order. */
  readonly args: readonly string[];
  /** Flags for the flow, as written: `--topic`, `"bees"`. */
  readonly parameters: readonly string[];
  readonly options: Options;
  readonly terminal: Terminal;
  readonly environment: Environment;
  /** Every command, for help and completion. */
  readonly commands: readonly CommandSpec[];
}

/** What the shell offers for a value. */
export type Completion =
  | "program"
  | "file"
  | "folder"
  | "run"
  | "code"
  | "letter"
  | "schedule"
  | "deployment"
  | "shell"
  | "none";

export interface ArgumentSpec {
  /** As shown: `file#flow`. */
  readonly name: string;
  readonly summary: string;
  readonly required?: boolean;
  readonly many?: boolean;
  readonly completion?: Completion;
}

export interface OptionSpec {
  /** As commander reads them: `-w, --watch` or `--format <format>`. */
  readonly flags: string;
  readonly summary: string;
  readonly choices?: readonly string[];
  /** May be given several times. */
  readonly many?: boolean;
  readonly completion?: Completion;
}

export interface ExampleSpec {
  readonly command: string;
  readonly does: string;
}

/** Executes a command and gives its exit code. Mistakes of the user are thrown as `UserMistake`. */
export type Execute = (invocation: Invocation) => Promise<number>;

/**
 * One command as data: parsing, help, completion and documentation are made from it. `load` imports
 * the code, so a command pays only for what it needs.
 */
export interface CommandSpec {
  /** `check`, or `runs list`. */
  readonly name: string;
  /** One line, an imperative without full stop. */
  readonly summary: string;
  /** Paragraphs below the usage line. */
  readonly description?: readonly string[];
  readonly arguments?: readonly ArgumentSpec[];
  readonly options?: readonly OptionSpec[];
  readonly examples: readonly ExampleSpec[];
  /** Flags that are not in `options` are parameters of the flow. */
  readonly takesParameters?: boolean;
  readonly load: () => Promise<Execute>;
}

/** `--dry-run <n>` is kept under `dry-run`. */
export function optionName(option: OptionSpec): string {
  const long = /--(?:no-)?([\w-]+)/.exec(option.flags);
  return long?.[1] ?? option.flags;
}

/** Undefined for a switch. */
export function optionValue(option: OptionSpec): string | undefined {
  return /<([^>]+)>/.exec(option.flags)?.[1];
}
