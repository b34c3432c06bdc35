import type { ArgumentSpec, CommandSpec, OptionSpec } from "../command-spec.ts";
import { jsonOption } from "./program-commands.ts";

export const storeOption: OptionSpec = {
  flags: "--store <url>",
  summary:
    "a file, or postgres://…; that of the settings, else .agentflow/agentflow.db of the project, if left out",
  completion: "file",
};

const environmentOption: OptionSpec = {
  flags: "--env <name>",
  summary: "take the values of `config <name> { … }`",
};

const mockOptions: readonly OptionSpec[] = [
  {
    flags: "--mock",
    summary: "every model answers with made-up values of the right type; no key is needed",
  },
  {
    flags: "--mock-script <file>",
    summary: "JSON file with the answers to give; implies --mock",
    completion: "file",
  },
  { flags: "--seed <n>", summary: "which made-up values; the same seed gives the same answers" },
  { flags: "--mock-people", summary: "with --mock: people are made up too" },
];

/** A run keeps the models it began with. */
const furtherMockOptions: readonly OptionSpec[] = mockOptions.map((option) =>
  option.flags === "--mock"
    ? { ...option, summary: "only for runs that began with it: made-up answers as before" }
    : option,
);

const runArgument: ArgumentSpec = {
  name: "run",
  summary: "id of a run, the end of one, or `last`",
  required: true,
  completion: "run",
};

/** Commands that make runs go on: they open the store and work. */
export const runCommands: readonly CommandSpec[] = [
  {
    name: "run",
    summary: "run a flow and print its result",
    description: [
      'The parameters of the flow are flags: `--topic "bees"` for text, `--count 5`, `--strict` or `--no-strict` for a bool, `--tag a --tag b` for a list, JSON for a record, a path for a file. Parameters that are named like an option of this command go behind `--`.',
      "The steps are shown on standard error while they happen; the result alone goes to standard output.",
      "Ctrl-C cancels the run and compensates what it did; a second Ctrl-C stops at once and leaves the run to `agentflow resume`.",
    ],
    arguments: [
      {
        name: "file#flow",
        summary: "the program; #flow may be left out if it has one flow",
        required: true,
        completion: "program",
      },
    ],
    options: [
      {
        flags: "--input <file>",
        summary: "parameters as a JSON file, or - for standard input",
        completion: "file",
      },
      ...mockOptions,
      { flags: "--answer <step=value>", summary: "answer a person's step in advance", many: true },
      {
        flags: "--no-ask",
        summary: "leave questions to `agentflow answer` instead of asking here",
      },
      {
        flags: "--key <key>",
        summary: "idempotency key: a second start with it gives the first run",
      },
      {
        flags: "--overlap <what>",
        summary:
          "if the flow's `concurrency` has no free place: wait, refuse, or cancel the others",
        choices: ["queue", "skip", "replace"],
      },
      { flags: "--watch", summary: "check and run again whenever the program changes" },
      {
        flags: "--detach",
        summary: "start the run, print its id and end; a worker of the store goes on with it",
      },
      environmentOption,
      storeOption,
      { flags: "--quiet", summary: "show no steps" },
      jsonOption,
    ],
    takesParameters: true,
    examples: [
      {
        command: 'agentflow run hello.agentflow --name "Ada" --mock',
        does: "try it without any key",
      },
      {
        command: 'agentflow run research.agentflow#research --topic "bees"',
        does: "one flow of several",
      },
      {
        command: "agentflow run order.agentflow --input order.json",
        does: "parameters from a file",
      },
      {
        command: "cat order.json | agentflow run order.agentflow --input - --json",
        does: "in a script",
      },
      {
        command: "agentflow run approval.agentflow --input q.json --answer decision.choice=approve",
        does: "answer for a person",
      },
    ],
    load: async () => (await import("../commands/run.ts")).run,
  },
  {
    name: "resume",
    summary: "go on with runs that were interrupted",
    description: [
      "Finished steps are not repeated. Without a run: every run of the store that can go on.",
    ],
    arguments: [{ ...runArgument, required: false }],
    options: [
      ...furtherMockOptions,
      { flags: "--no-ask", summary: "leave questions to `agentflow answer`" },
      storeOption,
      { flags: "--quiet", summary: "show no steps" },
      jsonOption,
    ],
    examples: [
      { command: "agentflow resume", does: "all of them" },
      { command: "agentflow resume last", does: "the newest run" },
    ],
    load: async () => (await import("../commands/resume.ts")).resume,
  },
  {
    name: "retry",
    summary: "try a failed run again from the step that failed",
    description: [
      "With --upgrade the run moves to the newest form of the program; finished steps keep their results by path. It is refused if a finished step that acted on the world has no place in the new program.",
    ],
    arguments: [runArgument],
    options: [
      { flags: "--upgrade <file>", summary: "the program to move to", completion: "program" },
      ...furtherMockOptions,
      { flags: "--no-ask", summary: "leave questions to `agentflow answer`" },
      storeOption,
      { flags: "--quiet", summary: "show no steps" },
      jsonOption,
    ],
    examples: [
      { command: "agentflow retry last", does: "the tool works again" },
      {
        command: "agentflow retry last --upgrade triage.agentflow",
        does: "after mending the program",
      },
    ],
    load: async () => (await import("../commands/retry.ts")).retry,
  },
  {
    name: "fork",
    summary: "start a new run of what another one has finished",
    description: [
      "Calls that were finished when the step --after names was keep their values as long as they are given the same; everything else is done in the new run. The parameters of the flow are flags; those that are not given stay as they were. What the other run did is never undone by the fork.",
    ],
    arguments: [runArgument],
    options: [
      {
        flags: "--after <step>",
        summary:
          "path of a finished step, as `agentflow runs show` names it; all that is finished if left out",
      },
      {
        flags: "--input <file>",
        summary: "JSON file with parameters, `-` for standard input",
        completion: "file",
      },
      { flags: "--upgrade <file>", summary: "the program to go on with", completion: "program" },
      { flags: "--key <key>", summary: "make one fork per key" },
      ...furtherMockOptions,
      { flags: "--no-ask", summary: "leave questions to `agentflow answer`" },
      storeOption,
      { flags: "--quiet", summary: "show no steps" },
      jsonOption,
    ],
    takesParameters: true,
    examples: [
      { command: 'agentflow fork last --topic "wasps"', does: "the same, with another topic" },
      {
        command: "agentflow fork 7k2m --after research.sources --upgrade research.agentflow",
        does: "from a step on, with the edited program",
      },
    ],
    load: async () => (await import("../commands/fork.ts")).fork,
  },
  {
    name: "answer",
    summary: "answer a question that a run waits for",
    description: [
      "Without a step: the only question of the run. The fields of the answer are flags, as for `agentflow run`; on a terminal they are asked for. The run then goes on.",
    ],
    arguments: [
      {
        ...runArgument,
        required: false,
        summary: "id of a run; without it the open questions are listed",
      },
      { name: "step", summary: "path of the step that asks" },
    ],
    options: [
      { flags: "--value <json>", summary: "the whole answer as JSON, or - for standard input" },
      { flags: "--no-run", summary: "keep the answer, but do not go on with the run now" },
      ...furtherMockOptions,
      storeOption,
      { flags: "--quiet", summary: "show no steps" },
      jsonOption,
    ],
    takesParameters: true,
    examples: [
      { command: "agentflow answer", does: "what is being asked" },
      { command: "agentflow answer last --choice approve", does: "give the fields as flags" },
      { command: 'agentflow answer last --value \'{ "choice": "approve" }\'', does: "or as JSON" },
    ],
    load: async () => (await import("../commands/answer.ts")).answer,
  },
  {
    name: "cancel",
    summary: "cancel a run and compensate what it did",
    arguments: [runArgument],
    options: [
      { flags: "--reason <text>", summary: "kept in the run's history" },
      storeOption,
      jsonOption,
    ],
    examples: [
      { command: 'agentflow cancel last --reason "wrong topic"', does: "stop the newest run" },
    ],
    load: async () => (await import("../commands/cancel.ts")).cancel,
  },
  {
    name: "emit",
    summary: "publish an event to runs that wait for it, and to triggers",
    arguments: [
      { name: "topic", summary: "such as orders.paid", required: true },
      { name: "data", summary: "JSON, or - for standard input; null if left out" },
    ],
    options: [
      { flags: "--id <id>", summary: "a second event with the same id changes nothing" },
      ...furtherMockOptions,
      storeOption,
      jsonOption,
    ],
    examples: [
      {
        command: 'agentflow emit orders.paid \'{ "order": "o-1" }\'',
        does: "let waiting runs go on",
      },
    ],
    load: async () => (await import("../commands/emit.ts")).emit,
  },
];
