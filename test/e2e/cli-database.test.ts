// Processes on PostgreSQL and Redis.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

import { openRunner } from "../../runner/index.ts";
import {
  startPrivatePostgres,
  type PrivatePostgres,
} from "../../tools/services/private-postgres.ts";
import { startPrivateRedis, type PrivateRedis } from "../../tools/services/private-redis.ts";
import { agentflow, makeProject, startAgentflow } from "./command.ts";

let postgres: PrivatePostgres;
let redis: PrivateRedis;

beforeAll(async () => {
  [postgres, redis] = await Promise.all([startPrivatePostgres(), startPrivateRedis()]);
}, 120_000);

afterAll(async () => {
  await Promise.all([postgres.stop(), redis.stop()]);
});

const files = {
  "noted.agentflow": `tool log(line: string) -> trusted string {
  module: "./log.mjs#log"
  effect: "write"
  idempotency: true
}

flow noted() -> string {
  on event("paper.read") { input: {} }
  step only = log("noted")
  output: only
}
`,
  "log.mjs": `import { appendFileSync } from "node:fs";
export function log({ line }) {
  appendFileSync("lines.txt", line + "\\n");
  return line;
}
`,
};

test("tables are made once, and a process without them does not start", async () => {
  const folder = makeProject({});
  const variables = { DATABASE_URL: postgres.url };
  const run = (...words: string[]) => agentflow(folder, words, { variables });
  const early = await run("worker");
  expect(early.exitCode).toBe(4);
  expect(early.err).toContain("Run `agentflow db migrate` once");
  const before = await run("db", "status");
  expect(before.exitCode).toBe(1);
  expect(before.out).toMatch(/^missing: 0001-base\n(missing: \S+\n)*$/);
  const dry = await run("db", "migrate", "--dry-run");
  expect(dry.exitCode).toBe(0);
  expect(dry.out).toMatch(/^to be applied: 0001-base\n/);
  expect((await run("db", "status")).exitCode).toBe(1);
  const both = await Promise.all([run("db", "migrate"), run("db", "migrate")]);
  expect(both.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  expect(both.map(({ out }) => out).filter((out) => out.startsWith("applied"))).toHaveLength(1);
  const status = await run("db", "status", "--json");
  expect(JSON.parse(status.out)).toMatchObject({ missing: [], upToDate: true });
  const away = { DATABASE_URL: "postgres://me:s3cret@127.0.0.1:1/none" };
  const lost = await agentflow(folder, ["db", "status"], { variables: away });
  expect(lost.exitCode).toBe(4);
  expect(lost.err).toContain("PostgreSQL can't be reached");
  expect(lost.err).not.toContain("s3cret");
}, 60_000);

test("a scheduler and two workers share PostgreSQL and Redis", async () => {
  const folder = makeProject({
    ...files,
    "agentflow.config.yaml":
      "store: { url: '${DATABASE_URL}' }\nredis: { url: '${REDIS_URL}' }\nprograms: [noted.agentflow]\n",
  });
  const variables = { DATABASE_URL: postgres.url, REDIS_URL: redis.url };
  expect((await agentflow(folder, ["db", "migrate"], { variables })).exitCode).toBe(0);
  const processes = ["scheduler", "worker", "worker"].map((word) =>
    startAgentflow(folder, [word], { variables }),
  );
  await Promise.all(processes.map((process) => process.says("is ready")));
  const runner = await openRunner({ store: postgres.url, variables: {}, folder, work: "none" });
  await runner.emit({ topic: "paper.read", data: {} });
  await runner.close();
  const lastMs = Date.now() + 20_000;
  const noted = join(folder, "lines.txt");
  while (!existsSync(noted) && Date.now() < lastMs)
    await new Promise((resolve) => setTimeout(resolve, 50));
  expect(readFileSync(noted, "utf8")).toBe("noted\n");
  // Commands look into the store that the settings name.
  const listed = await agentflow(folder, ["runs", "list", "--ids"], { variables });
  expect(listed.out.trim().split("\n")).toHaveLength(1);
  for (const { process } of processes) process.kill("SIGTERM");
  const ends = await Promise.all(processes.map(({ ended }) => ended));
  expect(ends.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
  expect(ends.map(({ err }) => err).join("")).not.toContain('"level":"error"');
}, 90_000);
