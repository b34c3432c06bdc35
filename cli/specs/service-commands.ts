import type { CommandSpec, OptionSpec } from "../command-spec.ts";
import { jsonOption } from "./program-commands.ts";

const configOption: OptionSpec = {
  flags: "--config <file>",
  summary: "the settings; the nearest agentflow.config.yaml upwards if left out",
  completion: "file",
};

const storeOption: OptionSpec = {
  flags: "--store <url>",
  summary: "postgres://… or a file; .agentflow/agentflow.db of the project if nothing names one",
  completion: "file",
};

const environmentOption: OptionSpec = {
  flags: "--env <name>",
  summary: "take the values of `config <name> { … }`",
};

const healthOption: OptionSpec = {
  flags: "--health-port <port>",
  summary: "serve /live, /ready, /health and /metrics there",
};

const workOptions: readonly OptionSpec[] = [
  { flags: "--concurrency <n>", summary: "runs taken at once from each pool; 100 if left out" },
  { flags: "--pools <names>", summary: "work for these pools, with commas between" },
];

const mockOption: OptionSpec = {
  flags: "--mock",
  summary: "every model answers with made-up values of the right type; no key is needed",
};

const drains =
  "On SIGTERM or Ctrl-C it takes no more work, waits for what is under way (30 s unless the settings say otherwise), gives its runs back and ends with 0. A second signal ends it at once.";

/** Commands that run until they are told to stop, and what they need. */
export const serviceCommands: readonly CommandSpec[] = [
  {
    name: "up",
    summary: "run everything in one process: programs, their triggers and the work",
    description: [
      "Serves the triggers of the programs, does the duties (schedules, events, clean-up) and works on every run in the store.",
      drains,
    ],
    arguments: [
      {
        name: "file",
        summary: "programs or folders to serve; those of the settings if left out",
        many: true,
        completion: "program",
      },
    ],
    options: [
      mockOption,
      environmentOption,
      storeOption,
      configOption,
      ...workOptions,
      healthOption,
    ],
    examples: [
      { command: "agentflow up flows/", does: "serve all programs of a folder" },
      { command: "agentflow up nightly.agentflow --mock", does: "try it out without any key" },
    ],
    load: async () => (await import("../commands/up.ts")).up,
  },
  {
    name: "worker",
    summary: "work on the runs of the store, beside other workers",
    description: [
      "Takes runs that can go on, whoever started them, and works on them until they end or wait. Any number of workers share a store; with Redis in the settings the runs are brought to them.",
      drains,
    ],
    options: [
      ...workOptions,
      { flags: "--scheduler", summary: "also stand for election to do the duties" },
      storeOption,
      configOption,
      healthOption,
    ],
    examples: [
      { command: "agentflow worker --concurrency 50 --health-port 9464", does: "one of many" },
    ],
    load: async () => (await import("../commands/worker.ts")).worker,
  },
  {
    name: "scheduler",
    summary: "do the duties: schedules, event triggers and clean-up",
    description: [
      "Of all processes that stand for election one does the duties; when it goes, another takes over within two seconds. It works on no runs.",
      drains,
    ],
    options: [environmentOption, storeOption, configOption, healthOption],
    examples: [{ command: "agentflow scheduler --health-port 9465", does: "beside the workers" }],
    load: async () => (await import("../commands/scheduler.ts")).scheduler,
  },
  {
    name: "db migrate",
    summary: "make agentflow's tables in PostgreSQL, or bring them up to date",
    description: [
      "Safe to run from many processes at once, and when there is nothing to do. All changes happen, or none. Refused when the tables are those of a newer agentflow.",
    ],
    options: [
      { flags: "--dry-run", summary: "only say what would be done" },
      storeOption,
      configOption,
      jsonOption,
    ],
    examples: [
      { command: "agentflow db migrate", does: "before the processes of a new version start" },
    ],
    load: async () => (await import("../commands/db.ts")).dbMigrate,
  },
  {
    name: "db status",
    summary: "say which changes the tables in PostgreSQL have had, and which are missing",
    options: [storeOption, configOption, jsonOption],
    examples: [{ command: "agentflow db status", does: "ends with 1 when something is missing" }],
    load: async () => (await import("../commands/db.ts")).dbStatus,
  },
];
