// Processes that run until they are told to stop: what they do, what they tell, and how they end.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { freePort } from "../../tools/services/free-port.ts";
import { agentflow, makeProject, startAgentflow } from "./command.ts";
import type { RunningCommand } from "./command.ts";

const tool = `tool log(line: string) -> trusted string {
  module: "./log.mjs#log"
  effect: "write"
  idempotency: true
}
`;

const flows = `${tool}
flow steady() -> string {
  step first = log("first")
  step pause = sleep(1s) { after: first }
  step second = log("second") { after: pause }
  output: second
}

flow lengthy() -> string {
  step only = log("slow")
  output: only
}
`;

const module = `import { appendFileSync } from "node:fs";
export async function log({ line }) {
  appendFileSync("lines.txt", "begun " + line + "\\n");
  if (line === "slow") await new Promise((resolve) => setTimeout(resolve, 1500));
  appendFileSync("lines.txt", line + "\\n");
  return line;
}
`;

interface Answer {
  readonly status: number;
  readonly text: string;
}

async function get(port: number, path: string): Promise<Answer> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  return { status: response.status, text: await response.text() };
}

async function until(reached: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const lastMs = Date.now() + 20_000;
  while (!(await reached())) {
    if (Date.now() > lastMs) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function lines(folder: string): readonly string[] {
  const path = join(folder, "lines.txt");
  return existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : [];
}

/** A run that its own process has left where it sleeps. */
async function leave(folder: string, target: string, until: string): Promise<void> {
  const running = startAgentflow(folder, ["run", target]);
  await running.says(until);
  running.process.kill("SIGKILL");
  await running.ended;
}

async function stop(running: RunningCommand): Promise<number> {
  running.process.kill("SIGTERM");
  return (await running.ended).exitCode;
}

test("a worker goes on with runs of others, tells how it is, and stops when it is told to", async () => {
  const folder = makeProject({ "flows.agentflow": flows, "log.mjs": module });
  await leave(folder, "flows.agentflow#steady", "waiting   steady.pause");
  const port = await freePort();
  const worker = startAgentflow(folder, ["worker", "--health-port", String(port)]);
  await worker.says("agentflow worker is ready");
  await until(() => lines(folder).includes("second"), "the run ends");
  expect(await get(port, "/live")).toEqual({ status: 200, text: "live\n" });
  expect(await get(port, "/ready")).toEqual({ status: 200, text: "ready\n" });
  const health = await get(port, "/health");
  expect(health.status).toBe(200);
  expect(JSON.parse(health.text)).toMatchObject({
    status: "ok",
    store: { ok: true },
    transport: { mode: "polling", connected: true },
    runs: { unexplained: [] },
    duties: null,
  });
  await until(
    async () =>
      (await get(port, "/metrics")).text.includes(
        'agentflow_runs_ended_total{flow="steady",status="succeeded"} 1',
      ),
    "the run is counted",
  );
  const metrics = (await get(port, "/metrics")).text;
  expect(metrics).toContain(
    'agentflow_activity_duration_seconds_count{kind="tool",callee="log"} 1',
  );
  expect(metrics).toContain("nodejs_eventloop_lag_seconds");
  expect((await get(port, "/nothing")).status).toBe(404);
  expect(await stop(worker)).toBe(0);
  const { err } = await worker.ended;
  // Not a terminal: one JSON document a line.
  const records = err
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { level: string; time: string });
  expect(records.every(({ level, time }) => level === "info" && time.endsWith("Z"))).toBe(true);
}, 60_000);

test("told to stop, a worker says that it is not ready, and keeps what it finishes", async () => {
  const folder = makeProject({ "flows.agentflow": flows, "log.mjs": module });
  await leave(folder, "flows.agentflow#lengthy", "running");
  const port = await freePort();
  const worker = startAgentflow(folder, ["worker", "--health-port", String(port)]);
  const begun = (): number => lines(folder).filter((line) => line === "begun slow").length;
  const before = begun();
  await until(() => begun() > before, "the worker took the run");
  worker.process.kill("SIGTERM");
  await worker.says("told to stop");
  expect((await get(port, "/ready")).status).toBe(503);
  expect((await get(port, "/live")).status).toBe(200);
  expect(JSON.parse((await get(port, "/health")).text)).toMatchObject({ status: "draining" });
  expect((await worker.ended).exitCode).toBe(0);
  expect(lines(folder).at(-1)).toBe("slow");
  // What it finished in its last seconds is kept, so nobody does it again.
  const shown = await agentflow(folder, ["runs", "show", "last"]);
  expect(shown.out).toContain("succeeded");
  expect(begun()).toBe(before + 1);
}, 60_000);

test("what is not done in the time to drain is left to others", async () => {
  const folder = makeProject({ "flows.agentflow": flows, "log.mjs": module });
  await leave(folder, "flows.agentflow#lengthy", "running");
  const worker = startAgentflow(folder, ["worker"], { variables: { AGENTFLOW_DRAIN: "1100ms" } });
  const begun = (): number => lines(folder).filter((line) => line === "begun slow").length;
  const before = begun();
  await until(() => begun() > before, "the worker took the run");
  expect(await stop(worker)).toBe(0);
  expect(lines(folder)).not.toContain("slow");
  const next = startAgentflow(folder, ["worker"]);
  await until(() => lines(folder).includes("slow"), "another worker does it");
  expect(begun()).toBe(before + 2);
  expect(await stop(next)).toBe(0);
}, 60_000);

test("a second signal ends a worker at once", async () => {
  const folder = makeProject({ "flows.agentflow": flows, "log.mjs": module });
  await leave(folder, "flows.agentflow#lengthy", "running");
  const worker = startAgentflow(folder, ["worker"]);
  const begun = (): number => lines(folder).filter((line) => line === "begun slow").length;
  const before = begun();
  await until(() => begun() > before, "the worker took the run");
  worker.process.kill("SIGTERM");
  await worker.says("told to stop");
  // One that follows at once is an echo of the first.
  const insisting = setInterval(() => worker.process.kill("SIGTERM"), 50);
  expect((await worker.ended).exitCode).toBe(130);
  clearInterval(insisting);
}, 60_000);

test("of two schedulers one does the duties; killed, the other takes over within two seconds", async () => {
  const folder = makeProject({});
  const first = startAgentflow(folder, ["scheduler"]);
  await first.says("this process does the duties now");
  const port = await freePort();
  const second = startAgentflow(folder, ["scheduler", "--health-port", String(port)]);
  await second.says("agentflow scheduler is ready");
  const leading = async (): Promise<boolean> =>
    /^agentflow_duties_leader 1$/m.test((await get(port, "/metrics")).text);
  expect(await leading()).toBe(false);
  first.process.kill("SIGKILL");
  const killedMs = Date.now();
  await second.says("this process does the duties now");
  // The promise is two seconds; a busy machine may be late to see it.
  expect(Date.now() - killedMs).toBeLessThan(3_000);
  expect(await leading()).toBe(true);
  expect(await stop(second)).toBe(0);
}, 60_000);

test("up serves the triggers of its programs and does the work", async () => {
  const program = `${tool}
flow noted() -> string {
  on event("paper.*") { input: {} }
  on http("POST /noted") { auth: "none" }
  step only = log("noted")
  output: only
}
`;
  const folder = makeProject({ "flows/noted.agentflow": program, "flows/log.mjs": module });
  const up = startAgentflow(folder, ["up", "flows"]);
  await up.says('does not serve noted on http(\\"POST /noted\\")');
  await up.says("agentflow up is ready");
  const emitted = await agentflow(folder, ["emit", "paper.read"]);
  expect(emitted.exitCode).toBe(0);
  await until(() => lines(folder).includes("noted"), "the event starts a run");
  expect(await stop(up)).toBe(0);
}, 60_000);

test("a start is refused with all that is wrong", async () => {
  const folder = makeProject({
    "agentflow.config.yaml":
      "store:\n  url: ${DATABASE_URL}\nworker:\n  concurency: 5\nprograms:\n  - wrong.agentflow\n",
    "wrong.agentflow": "flow f() -> string { output: x }\n",
    "secretive.agentflow": `config { paperKey: secret }

tool fetch_it() -> trusted string {
  http: "GET http://127.0.0.1:1/"
  auth: { bearer: config.paperKey }
}

flow tidy() -> string {
  on cron("0 3 * * *") { zone: "Europe/Paris" }
  step only = fetch_it()
  output: only
}
`,
  });
  const { exitCode, err } = await agentflow(
    folder,
    ["up", "wrong.agentflow", "secretive.agentflow", "--health-port", "http"],
    { variables: { REDIS_URL: "ftp://me:s3cret@host" } },
  );
  expect(exitCode).toBe(2);
  expect(err).toContain("agentflow.config.yaml:2:8");
  expect(err).toContain("the environment variable DATABASE_URL is not set");
  expect(err).toContain("did you mean `concurrency`?");
  expect(err).toContain("--health-port must be a whole number");
  expect(err).toContain("REDIS_URL must be an address such as redis://host:6379");
  expect(err).not.toContain("s3cret");
  expect(err).toContain("wrong.agentflow has 1 error");
  expect(err).toContain("PAPER_KEY");
  expect(err).toMatch(/\d things keep this from starting/);
  expect(existsSync(join(folder, ".agentflow"))).toBe(false);
}, 60_000);

test("programs that know the environment take its values, and a misspelt one is refused", async () => {
  const folder = makeProject({
    "flows/staged.agentflow": `config { region: string }
config production { region: "eu" }

flow staged() -> string {
  on event("paper.read") { input: {} }
  output: config.region
}
`,
    "flows/plain.agentflow": 'flow plain() -> string {\n  output: "x"\n}\n',
  });
  const wrong = await agentflow(folder, ["up", "flows", "--env", "prodution"]);
  expect(wrong.exitCode).toBe(2);
  expect(wrong.err).toContain("flows/staged.agentflow can't be served");
  expect(wrong.err).toContain("did you mean --env production?");
  expect(wrong.err).toContain("one thing keeps this from starting");
  // The settings are not what is wrong.
  expect(wrong.err).not.toContain("agentflow doctor");
  const missing = await agentflow(folder, ["up", "flow"]);
  expect(missing.err).toContain("there is no file flow\n  did you mean flows?");
  expect(missing.err).not.toContain("agentflow doctor");
  const up = startAgentflow(folder, ["up", "flows", "--env", "production"]);
  await up.says("agentflow up is ready");
  expect(await stop(up)).toBe(0);
}, 60_000);

test("settings that are named but not there, and a port that is taken, are said plainly", async () => {
  const folder = makeProject({});
  const missing = await agentflow(folder, ["worker", "--config", "none.yaml"]);
  expect(missing.exitCode).toBe(2);
  expect(missing.err).toContain("the settings none.yaml can't be used: there is no such file");
  const port = await freePort();
  const first = startAgentflow(folder, ["scheduler", "--health-port", String(port)]);
  await first.says("is ready");
  const second = await agentflow(folder, ["scheduler", "--health-port", String(port)]);
  expect(second.exitCode).toBe(4);
  expect(second.err).toContain("the health port can't be used");
  await stop(first);
}, 60_000);
