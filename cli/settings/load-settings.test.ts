import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createColors } from "picocolors";
import { expect, test } from "vitest";

import { Options } from "../options.ts";
import type { SettingsFile } from "./find-settings.ts";
import { loadSettings, type LoadedSettings } from "./load-settings.ts";
import { printProblems } from "./settings-problem.ts";
import { settingsSchema } from "./settings-schema.ts";
import { settingsTable } from "./settings-table.ts";

const config = join(import.meta.dirname, "../../config");

function load(
  text: string | null,
  variables: { readonly [name: string]: string } = {},
  flags: readonly (readonly [string, string | boolean])[] = [],
): LoadedSettings {
  const name = "agentflow.config.yaml";
  const file: SettingsFile | null =
    text === null ? null : { path: `/project/${name}`, name, folder: "/project", text };
  const environment = { variables, folder: "/project/here", home: "/home" };
  return loadSettings({ environment, file, options: new Options(flags) });
}

function messages({ problems }: LoadedSettings): readonly string[] {
  return problems.map(({ message }) => message);
}

function printed({ problems, file }: LoadedSettings): string {
  return printProblems(problems, file, createColors(false));
}

test("without a file the defaults hold", () => {
  const { settings, effective } = load(null);
  expect(settings).toEqual({
    environment: null,
    store: { url: null },
    redis: { url: null, prefix: "agentflow" },
    worker: { concurrency: 100, pools: ["default"], drainMs: 30_000 },
    scheduler: { enabled: false },
    limits: { runs: 1_000, modelCalls: 100, queueDepth: 100_000, valueBytes: 67_108_864 },
    retention: {
      runsMs: 2_592_000_000,
      ticksMs: 7_776_000_000,
      eventsMs: 604_800_000,
      filesMs: 604_800_000,
    },
    health: { host: "127.0.0.1", port: null },
    log: { level: "info", format: "auto" },
    programs: [],
  });
  expect(effective.every(({ source }) => source === "default")).toBe(true);
});

test("a flag wins over the environment, the environment over the file", () => {
  const text = "worker:\n  concurrency: 1\n  drain: 2m\nhealth:\n  port: 1\n";
  const loaded = load(text, { AGENTFLOW_CONCURRENCY: "2", AGENTFLOW_POOLS: "a, b" }, [
    ["concurrency", "3"],
    ["scheduler", true],
  ]);
  expect(loaded.settings).toMatchObject({
    worker: { concurrency: 3, pools: ["a", "b"], drainMs: 120_000 },
    scheduler: { enabled: true },
    health: { port: 1 },
  });
  const sources = new Map(loaded.effective.map(({ key, source }) => [key, source]));
  expect(sources.get("worker.concurrency")).toBe("--concurrency");
  expect(sources.get("worker.pools")).toBe("AGENTFLOW_POOLS");
  expect(sources.get("worker.drain")).toBe("agentflow.config.yaml:3");
  expect(sources.get("log.level")).toBe("default");
});

test("paths are meant from the file's folder, in the environment from the current one", () => {
  const text = "store: { url: runs.db }\nprograms: [flows, ../x.agentflow]\n";
  expect(load(text).settings).toMatchObject({
    store: { url: "/project/runs.db" },
    programs: ["/project/flows", "/x.agentflow"],
  });
  expect(load(text, { AGENTFLOW_STORE: "mine.db" }).settings?.store.url).toBe(
    "/project/here/mine.db",
  );
  expect(load(null, { DATABASE_URL: "postgres://h/d" }).settings?.store.url).toBe("postgres://h/d");
});

test("variables are put in, as numbers where they are numbers and nothing quotes them", () => {
  const text =
    "environment: '${STAGE}'\nhealth:\n  port: ${PORT:-9464}\n  host: ${HOST:-}\nlog:\n  level: ${LEVEL}\n";
  const { settings } = load(text, { STAGE: "7", PORT: "8080", LEVEL: "warn" });
  expect(settings).toMatchObject({
    environment: "7",
    health: { port: 8_080, host: "127.0.0.1" },
    log: { level: "warn" },
  });
  expect(load(text, { STAGE: "7", LEVEL: "warn" }).settings?.health.port).toBe(9_464);
  expect(load("retention: { runs: forever }").settings?.retention.runsMs).toBeNull();
  expect(load("environment: $${a}\n").settings?.environment).toBe("${a}");
});

const wrong = `store:
  url: \${DATABASE_URL}
worker:
  concurency: 10
  pools: default
helth:
  port: 80
health:
  port: http
log: { level: loud }
port: 1
`;

test("every problem is told at once, with its place and what to do", () => {
  const loaded = load(wrong, { AGENTFLOW_MAX_RUNS: "many" });
  expect(loaded.settings).toBeNull();
  expect(printed(loaded)).toMatchInlineSnapshot(`
    "error: the environment variable DATABASE_URL is not set
     --> agentflow.config.yaml:2:8
      |
    2 |   url: \${DATABASE_URL}
      |        ^^^^^^^^^^^^^^^
      help: set it, or give a default: \${DATABASE_URL:-…}

    error: there is no setting \`worker.concurency\`
     --> agentflow.config.yaml:4:3
      |
    4 |   concurency: 10
      |   ^^^^^^^^^^
      help: did you mean \`concurrency\`?

    error: \`worker.pools\` must be a list, not "default"
     --> agentflow.config.yaml:5:10
      |
    5 |   pools: default
      |          ^^^^^^^
      help: Pools that a worker works for; in the environment and as a flag, with commas between. Without Redis a worker takes runs of all pools.

    error: there is no setting \`helth\`
     --> agentflow.config.yaml:6:1
      |
    6 | helth:
      | ^^^^^
      help: did you mean \`health\`?

    error: \`health.port\` must be a whole number, not "http"
     --> agentflow.config.yaml:9:9
      |
    9 |   port: http
      |         ^^^^
      help: Port of \`/live\`, \`/ready\`, \`/health\` and \`/metrics\`; 0 takes a free one. Without it, there is none.

    error: \`log.level\` must be one of "debug", "info", "warn", "error", not "loud"
      --> agentflow.config.yaml:10:15
       |
    10 | log: { level: loud }
       |               ^^^^
      help: The least that is logged.

    error: there is no setting \`port\`
      --> agentflow.config.yaml:11:1
       |
    11 | port: 1
       | ^^^^
      help: did you mean \`health.port\`?

    error: AGENTFLOW_MAX_RUNS must be a whole number
      --> AGENTFLOW_MAX_RUNS
      help: Runs going on at once in a process; further ones wait.
    "
  `);
});

test("what a variable holds is not printed when it is wrong", () => {
  const loaded = load("health:\n  port: ${PORT}\n", {
    PORT: "s3cret",
    REDIS_URL: "http://me:s3cret@host",
  });
  expect(messages(loaded)).toHaveLength(2);
  expect(printed(loaded)).not.toContain("s3cret");
  expect(printed(loaded)).toContain("REDIS_URL");
});

test("patterns are told in words, and an address that nobody serves is no path", () => {
  expect(messages(load("worker: { drain: soon }\nstore: { url: 'mysql://h/d' }\n"))).toEqual([
    '`store.url` must be `postgres://…` or the path of a file, not "mysql://h/d"',
    '`worker.drain` must be a time such as `500ms`, `30s` or `5m`, not "soon"',
  ]);
  expect(messages(load(null, { DATABASE_URL: "mysql://me:s3cret@h/d" }))).toEqual([
    "DATABASE_URL must be `postgres://…` or the path of a file",
  ]);
  for (const url of ["runs.db", "/a/b.db", "./x", "postgresql://h/d"])
    expect(messages(load(null, { AGENTFLOW_STORE: url }))).toEqual([]);
});

test("passwords are hidden, in problems and in what holds", () => {
  const text =
    "store:\n  url: postgres://me:s3cret@db/runs\nredis:\n  url: http://x:s3cret@r # no\n";
  const loaded = load(text);
  expect(printed(loaded)).not.toContain("s3cret");
  expect(printed(loaded)).toContain("//x:***@r");
  expect(JSON.stringify(loaded.effective)).not.toContain("s3cret");
  expect(loaded.effective.find(({ key }) => key === "store.url")?.value).toBe(
    "postgres://me:***@db/runs",
  );
});

test.for([
  ["a: [", "the file is no YAML"],
  ["just text", "the file holds no settings"],
  ["store:\n  url: a\n  url: b\n", "the file is no YAML: map keys must be unique"],
  ["log: &a { level: info }\nhealth: *a\n", "aliases (`*name`) can't be used here"],
  ["environment: ${}\n", "names no environment variable"],
  ["environment: ${A\n", "names no environment variable"],
  ["worker: 5\n", "`worker` must be a record, not 5"],
] as const)("%j is refused", ([text, message]) => {
  expect(messages(load(text)).join("\n")).toContain(message);
});

test("an empty file, and sections without anything, say nothing", () => {
  for (const text of ["", "# nothing\n", "---\n"]) expect(load(text).settings).not.toBeNull();
});

test("the manual lists every setting, with its variables and its flag", () => {
  const manual = readFileSync(join(config, "../docs/configuration.md"), "utf8");
  for (const { key, variables, flag, about } of settingsTable) {
    const row = manual.split("\n").find((line) => line.startsWith(`| \`${key}\` |`)) ?? "";
    for (const name of [...variables, ...(flag === undefined ? [] : [`--${flag}`])])
      expect(row, key).toContain(`\`${name}\``);
    expect(row, key).toContain(about);
  }
});

test("the published schema is that of the program, and the sample fits it", () => {
  const published = readFileSync(join(config, "agentflow.config.schema.json"), "utf8");
  expect(JSON.parse(published)).toEqual(settingsSchema);
  const sample = readFileSync(join(config, "agentflow.config.yaml"), "utf8");
  const variables = { DATABASE_URL: "postgres://db/agentflow", REDIS_URL: "redis://redis:6379" };
  expect(messages(load(sample, variables))).toEqual([]);
  expect(load(sample, variables).settings?.programs).toEqual(["/project/flows"]);
});
