import type { ArgumentSpec, CommandSpec, OptionSpec } from "../command-spec.ts";
import { jsonOption } from "./program-commands.ts";
import { storeOption } from "./run-commands.ts";

const scheduleArgument: ArgumentSpec = {
  name: "schedule",
  summary: "its flow, if it has one schedule; else its id, or the beginning of it",
  required: true,
  completion: "schedule",
};

const idsOption: OptionSpec = { flags: "--ids", summary: "print names alone, one a line" };

const heldArgument: ArgumentSpec = { name: "flow", summary: "the flow" };

/** Commands for those who look after programs, schedules and flows, rather than after one run. */
export const operationCommands: readonly CommandSpec[] = [
  {
    name: "deploy",
    summary: "let the triggers of a program start runs from now on",
    description: [
      "Compiles the program and keeps it in the store under its name, by which a later deployment replaces it. Schedules and places in the event log that both have go on where they were. Runs are started and worked on by `agentflow up`, or by `agentflow scheduler` and `agentflow worker`.",
      "The variables and secrets that its flows need must be set here too: what can't run is not deployed.",
    ],
    arguments: [{ name: "file", summary: "the program", required: true, completion: "program" }],
    options: [
      { flags: "--name <name>", summary: "its name; its path from the current folder if left out" },
      { flags: "--env <name>", summary: "take the values of `config <name> { … }`" },
      {
        flags: "--mock",
        summary: "its runs get made-up answers of the right type; no key is needed",
      },
      {
        flags: "--replaces <edition>",
        summary: "only if this edition of it is deployed; 0 if none is",
      },
      storeOption,
      jsonOption,
    ],
    examples: [
      { command: "agentflow deploy nightly.agentflow", does: "serve its triggers" },
      {
        command: "agentflow deploy flows/nightly.agentflow --name nightly --env production",
        does: "under a name of its own",
      },
    ],
    load: async () => (await import("../commands/deploy.ts")).deploy,
  },
  {
    name: "deployments list",
    summary: "list the programs whose triggers start runs",
    options: [idsOption, storeOption, jsonOption],
    examples: [{ command: "agentflow deployments list", does: "what is deployed" }],
    load: async () => (await import("../commands/deployments-list.ts")).deploymentsList,
  },
  {
    name: "deployments withdraw",
    summary: "let the triggers of a program start nothing more",
    description: ["Runs that it has started go on. Its schedules forget their ticks."],
    arguments: [
      {
        name: "name",
        summary: "the name that it was deployed under",
        required: true,
        completion: "deployment",
      },
    ],
    options: [storeOption, jsonOption],
    examples: [{ command: "agentflow deployments withdraw nightly", does: "stop serving it" }],
    load: async () => (await import("../commands/deployments-withdraw.ts")).deploymentsWithdraw,
  },
  {
    name: "schedules list",
    summary: "list schedules, and when each ticks next in its zone",
    options: [idsOption, storeOption, jsonOption],
    examples: [{ command: "agentflow schedules list", does: "what comes next" }],
    load: async () => (await import("../commands/schedules-list.ts")).schedulesList,
  },
  {
    name: "schedules pause",
    summary: "let a schedule start nothing until it is resumed",
    description: [
      "Ticks that fall into the pause are skipped; `schedules backfill` can make up for them.",
    ],
    arguments: [scheduleArgument],
    options: [storeOption, jsonOption],
    examples: [
      { command: "agentflow schedules pause report", does: "the schedule of flow report" },
    ],
    load: async () => (await import("../commands/schedules-pause.ts")).schedulesPause,
  },
  {
    name: "schedules resume",
    summary: "let a paused schedule tick again",
    arguments: [scheduleArgument],
    options: [storeOption, jsonOption],
    examples: [{ command: "agentflow schedules resume report", does: "from now on" }],
    load: async () => (await import("../commands/schedules-pause.ts")).schedulesResume,
  },
  {
    name: "schedules ticks",
    summary: "list the past ticks of a schedule, the newest first, with their runs",
    arguments: [scheduleArgument],
    options: [
      { flags: "--limit <n>", summary: "at most so many; 20 if left out" },
      storeOption,
      jsonOption,
    ],
    examples: [
      { command: "agentflow schedules ticks report", does: "what was started or skipped" },
    ],
    load: async () => (await import("../commands/schedules-ticks.ts")).schedulesTicks,
  },
  {
    name: "schedules backfill",
    summary: "start the runs of past ticks that have none",
    description: [
      "Each tick's run gets the time of that tick. A tick that has its run is left alone, so the command can be repeated. The runs queue for the flow, whatever its overlap says.",
      "Times: 2024-01-31T08:00:00Z and 2024-01-31T08:00+01:00 are what they say. 2024-01-31T08:00 is meant in the zone of the schedule, and 2024-01-31 is that whole day there. When clocks are put back, a time that exists twice is the first.",
    ],
    arguments: [scheduleArgument],
    options: [
      { flags: "--from <time>", summary: "the first tick that is meant, or one before it" },
      { flags: "--to <time>", summary: "the last one; now if left out" },
      { flags: "--dry-run", summary: "only print the ticks that would get a run" },
      storeOption,
      jsonOption,
    ],
    examples: [
      {
        command: "agentflow schedules backfill report --from 2024-01-29 --to 2024-01-31 --dry-run",
        does: "look first",
      },
      {
        command: "agentflow schedules backfill report --from 2024-01-29 --to 2024-01-31",
        does: "three days in its zone",
      },
    ],
    load: async () => (await import("../commands/schedules-backfill.ts")).schedulesBackfill,
  },
  {
    name: "pause",
    summary: "let a run begin nothing more until it is resumed",
    description: [
      "Calls that are under way end, and their results are kept. `agentflow resume <run>` goes on.",
    ],
    arguments: [
      {
        name: "run",
        summary: "id of a run, the end of one, or `last`",
        required: true,
        completion: "run",
      },
    ],
    options: [storeOption, jsonOption],
    examples: [{ command: "agentflow pause last", does: "the newest run" }],
    load: async () => (await import("../commands/pause.ts")).pause,
  },
  {
    name: "hold",
    summary: "let all runs of a flow stand still, those to come too",
    description: [
      "Calls that are under way end. Triggers go on starting runs, which queue; nothing is lost. `agentflow lift` ends it.",
    ],
    arguments: [heldArgument],
    options: [
      { flags: "--all", summary: "every flow of the store" },
      { flags: "--reason <text>", summary: "shown by `agentflow holds`" },
      storeOption,
      jsonOption,
    ],
    examples: [
      { command: 'agentflow hold report --reason "the mail server is down"', does: "one flow" },
      { command: "agentflow hold --all", does: "everything" },
    ],
    load: async () => (await import("../commands/hold.ts")).hold,
  },
  {
    name: "lift",
    summary: "let the runs of a held flow go on",
    arguments: [heldArgument],
    options: [
      { flags: "--all", summary: "the hold on every flow; holds on single flows stay" },
      storeOption,
      jsonOption,
    ],
    examples: [
      { command: "agentflow lift report", does: "one flow" },
      { command: "agentflow lift --all", does: "what `hold --all` held" },
    ],
    load: async () => (await import("../commands/lift.ts")).lift,
  },
  {
    name: "holds",
    summary: "list what is held, since when and why",
    options: [storeOption, jsonOption],
    examples: [{ command: "agentflow holds", does: "why nothing moves" }],
    load: async () => (await import("../commands/holds.ts")).holds,
  },
];
