import type { ArgumentSpec, CommandSpec } from "../command-spec.ts";
import { jsonOption } from "./program-commands.ts";
import { storeOption } from "./run-commands.ts";

const runArgument: ArgumentSpec = {
  name: "run",
  summary: "id of a run, the end of one, or `last`",
  required: true,
  completion: "run",
};

const letterArgument: ArgumentSpec = {
  name: "id",
  summary: "id of a dead letter, or the end of one",
  required: true,
  completion: "letter",
};

/** Commands that look into a store or keep it tidy. */
export const storeCommands: readonly CommandSpec[] = [
  {
    name: "runs list",
    summary: "list runs, the newest first",
    options: [
      {
        flags: "--status <status>",
        summary: "only these",
        choices: ["queued", "running", "waiting", "paused", "succeeded", "failed", "cancelled"],
        many: true,
      },
      { flags: "--flow <flow>", summary: "only runs of this flow" },
      { flags: "--limit <n>", summary: "at most so many; 20 if left out" },
      { flags: "--ids", summary: "print ids alone, one a line" },
      storeOption,
      jsonOption,
    ],
    examples: [
      { command: "agentflow runs list", does: "the newest runs" },
      { command: "agentflow runs list --status failed --limit 100", does: "what went wrong" },
    ],
    load: async () => (await import("../commands/runs-list.ts")).runsList,
  },
  {
    name: "runs show",
    summary: "show one run: its steps, errors, cost and what it waits for",
    arguments: [runArgument],
    options: [storeOption, jsonOption],
    examples: [{ command: "agentflow runs show last", does: "the newest run" }],
    load: async () => (await import("../commands/runs-show.ts")).runsShow,
  },
  {
    name: "runs events",
    summary: "print the history of a run",
    arguments: [runArgument],
    options: [
      { flags: "--after <seq>", summary: "only events behind this number" },
      storeOption,
      { flags: "--json", summary: "one JSON document a line" },
    ],
    examples: [
      { command: "agentflow runs events last", does: "what happened, in order" },
      { command: "agentflow runs events last --json | jq .kind", does: "for a script" },
    ],
    load: async () => (await import("../commands/runs-events.ts")).runsEvents,
  },
  {
    name: "runs output",
    summary: "print the result of a run",
    arguments: [runArgument],
    options: [storeOption, jsonOption],
    examples: [{ command: "agentflow runs output last > report.json", does: "keep it" }],
    load: async () => (await import("../commands/runs-output.ts")).runsOutput,
  },
  {
    name: "dead-letters list",
    summary: "list what could not succeed and was kept",
    options: [
      { flags: "--queue <name>", summary: "only this queue" },
      { flags: "--flow <flow>", summary: "only those of this flow" },
      { flags: "--code <code>", summary: "only those with an error of this code" },
      {
        flags: "--status <status>",
        summary: "open if left out",
        choices: ["open", "retried", "discarded"],
      },
      { flags: "--ids", summary: "print ids alone, one a line" },
      storeOption,
      jsonOption,
    ],
    examples: [{ command: "agentflow dead-letters list --queue bad-contracts", does: "one queue" }],
    load: async () => (await import("../commands/dead-letters-list.ts")).deadLettersList,
  },
  {
    name: "dead-letters show",
    summary: "show a dead letter with its input and every error",
    arguments: [letterArgument],
    options: [storeOption, jsonOption],
    examples: [{ command: "agentflow dead-letters show 7k2m", does: "the end of an id is enough" }],
    load: async () => (await import("../commands/dead-letters-show.ts")).deadLettersShow,
  },
  {
    name: "dead-letters retry",
    summary: "try dead letters again: one, as it is or with another input, or many",
    description: [
      "Many are chosen by --queue, --flow and --code, which are combined, or by --all; the oldest come first. It waits for their runs and says what came of them: it ends with 0 if all have succeeded, with 1 if one failed again or was refused, with 3 if one waits for somebody.",
      "Ctrl-C retries no more and waits for the runs under way; a second one leaves them to `agentflow resume`. The command can be repeated: a letter is retried once.",
    ],
    arguments: [{ ...letterArgument, required: false }],
    options: [
      {
        flags: "--input <file>",
        summary: "the new input as a JSON file, or - for standard input",
        completion: "file",
      },
      { flags: "--all", summary: "every open dead letter" },
      { flags: "--queue <name>", summary: "those of this queue" },
      { flags: "--flow <flow>", summary: "those of this flow" },
      { flags: "--code <code>", summary: "those with an error of this code, such as unavailable" },
      {
        flags: "--canary <n>",
        summary: "so many first; the rest only if every one of them succeeds",
      },
      { flags: "--rate <rate>", summary: "not faster than this: 60/min, 2/s" },
      { flags: "--limit <n>", summary: "at most so many" },
      { flags: "--mock", summary: "only for runs that began with it: made-up answers as before" },
      {
        flags: "--mock-script <file>",
        summary: "JSON file with the answers to give",
        completion: "file",
      },
      { flags: "--seed <n>", summary: "which made-up values" },
      storeOption,
      { flags: "--quiet", summary: "show no steps" },
      jsonOption,
    ],
    examples: [
      { command: "agentflow dead-letters retry 7k2m --input fixed.json", does: "after mending it" },
      {
        command: "agentflow dead-letters retry --code unavailable --canary 3 --rate 60/min",
        does: "when the other side is back",
      },
    ],
    load: async () => (await import("../commands/dead-letters-retry.ts")).deadLettersRetry,
  },
  {
    name: "dead-letters discard",
    summary: "close a dead letter for good; it stays readable",
    arguments: [letterArgument],
    options: [{ flags: "--reason <text>", summary: "why; kept with it" }, storeOption, jsonOption],
    examples: [
      {
        command: 'agentflow dead-letters discard 7k2m --reason "test data"',
        does: "no longer wanted",
      },
    ],
    load: async () => (await import("../commands/dead-letters-discard.ts")).deadLettersDiscard,
  },
  {
    name: "doctor",
    summary: "look for what is wrong with the installation, the project and the store",
    options: [
      storeOption,
      { flags: "--env <name>", summary: "check the values of this environment" },
      jsonOption,
    ],
    examples: [{ command: "agentflow doctor", does: "before asking for help" }],
    load: async () => (await import("../commands/doctor.ts")).doctor,
  },
  {
    name: "completion",
    summary: "print the shell completion",
    arguments: [
      { name: "shell", summary: "bash, zsh or fish", required: true, completion: "shell" },
    ],
    examples: [
      { command: 'eval "$(agentflow completion bash)"', does: "in ~/.bashrc" },
      { command: 'eval "$(agentflow completion zsh)"', does: "in ~/.zshrc, behind compinit" },
      {
        command: "agentflow completion fish > ~/.config/fish/completions/agentflow.fish",
        does: "for fish",
      },
    ],
    load: async () => (await import("../commands/completion.ts")).completion,
  },
  {
    name: "version",
    summary: "print the version",
    options: [jsonOption],
    examples: [
      { command: "agentflow version --json", does: "with Node, the platform and the plan format" },
    ],
    load: async () => (await import("../commands/version.ts")).version,
  },
];
