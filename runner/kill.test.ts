import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

import type { Plan } from "../plan/plan.ts";
import {
  block,
  callTool,
  flow,
  name,
  plan,
  step,
  tool,
  value,
} from "../test/simulation/plan-builder.ts";
import { bundleScript } from "../tools/services/bundle-script.ts";
import { openRunner, type Runner } from "./index.ts";

const folder = fileURLToPath(new URL("./fixtures", import.meta.url));
let script = "";
beforeAll(async () => {
  script = await bundleScript(join(folder, "run-process.ts"));
});
const scratch = mkdtempSync(join(tmpdir(), "agentflow-kill-"));
const children: ChildProcess[] = [];
const runners: Runner[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  await Promise.all(runners.splice(0).map((runner) => runner.close({ graceMs: 50 })));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

let count = 0;

/** A chain of three calls, the middle one of which lasts until a file appears. */
function scene(middle: { readonly restart: boolean }): {
  readonly store: string;
  readonly notes: string;
  readonly until: string;
  readonly program: Plan;
  readonly planFile: string;
} {
  count += 1;
  const at = (file: string): string => join(scratch, `${count}-${file}`);
  const [store, notes, until, planFile] = [
    at("store.db"),
    at("notes"),
    at("until"),
    at("plan.json"),
  ];
  const note = (text: string) => value({ file: notes, name: text, until });
  const module = (fn: string, more: object = {}) =>
    tool({ reach: { kind: "module", module: "./tools.ts", function: fn, secrets: {} }, ...more });
  const program = plan({
    tools: {
      note: module("note"),
      hang: module("hang", { restart: middle.restart, effect: middle.restart ? "read" : "send" }),
    },
    flows: {
      main: flow(
        "main",
        block(
          [
            step("a", callTool("note", note("a"))),
            step("b", callTool("hang", note("b")), ["a"]),
            step("c", callTool("note", note("c")), ["b"]),
          ],
          name("c"),
        ),
      ),
    },
  });
  writeFileSync(planFile, JSON.stringify(program));
  return { store, notes, until, program, planFile };
}

function launch(
  files: { readonly store: string; readonly planFile: string },
  mode = "start",
): { readonly child: ChildProcess; readonly said: () => string } {
  const child = spawn(process.execPath, [script, files.store, files.planFile, folder, mode], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  return { child, said: () => text };
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await gone;
}

const words = (file: string): string[] =>
  existsSync(file)
    ? readFileSync(file, "utf8")
        .split("\n")
        .filter((line) => line !== "")
    : [];
const names = (file: string): (string | undefined)[] =>
  words(file).map((line) => line.split(" ")[0]);

async function open(store: string, takeOver = false): Promise<Runner> {
  const runner = await openRunner({
    store,
    variables: {},
    folder,
    models: { kind: "mock" },
    takeOver,
  });
  runners.push(runner);
  return runner;
}

test("after kill -9 a run goes on where it was: what finished is not repeated, what was in flight is, under the same key", async () => {
  const { store, notes, until, planFile } = scene({ restart: true });
  const { child, said } = launch({ store, planFile });
  await expect.poll(() => names(notes), { timeout: 15_000 }).toEqual(["a", "b"]);
  await kill(child);
  const { run } = JSON.parse(said()) as { run: string };

  const runner = await open(store);
  expect(await runner.recover()).toEqual([run]);
  await expect.poll(() => names(notes), { timeout: 15_000 }).toEqual(["a", "b", "b"]);
  writeFileSync(until, "");
  expect(await runner.wait(run)).toMatchObject({ status: "succeeded" });
  expect(words(notes)).toEqual(
    ["a", "b", "b", "c"].map((step_) => `${step_} ${run}:main.${step_}`),
  );
  const kinds = (await runner.events(run)).map((event) => event.kind);
  expect(kinds.filter((kind) => kind === "run.interrupted").length).toBe(1);
  expect(await runner.recover()).toEqual([]);
}, 30_000);

test("a call that must not be made twice fails as interrupted instead", async () => {
  const { store, notes, planFile } = scene({ restart: false });
  const { child, said } = launch({ store, planFile });
  await expect.poll(() => names(notes), { timeout: 15_000 }).toEqual(["a", "b"]);
  await kill(child);
  const { run } = JSON.parse(said()) as { run: string };

  const runner = await open(store);
  expect(await runner.resume(run)).toMatchObject({ ok: true });
  expect(await runner.wait(run)).toMatchObject({
    status: "failed",
    error: { code: "interrupted", step: "main.b" },
  });
  expect(names(notes)).toEqual(["a", "b"]);
}, 30_000);

test("of two processes on one store one owns the run; the other sees it, and takes over when the first is killed", async () => {
  const { store, notes, until, planFile } = scene({ restart: true });
  const { child, said } = launch({ store, planFile });
  await expect.poll(() => names(notes), { timeout: 15_000 }).toEqual(["a", "b"]);
  const { run } = JSON.parse(said()) as { run: string };

  const runner = await open(store, true);
  expect(await runner.recover()).toEqual([]);
  expect(await runner.show(run)).toMatchObject({ status: "running" });
  const seen: string[] = [];
  const stop = runner.watch(run, (events) => seen.push(...events.map((event) => event.kind)));
  await expect.poll(() => seen.length).toBeGreaterThan(3);
  expect(names(notes)).toEqual(["a", "b"]);
  await kill(child);
  await expect.poll(() => names(notes), { timeout: 10_000 }).toEqual(["a", "b", "b"]);
  writeFileSync(until, "");
  expect(await runner.wait(run)).toMatchObject({ status: "succeeded" });
  await expect.poll(() => seen.at(-1)).toBe("run.ended");
  stop();
}, 30_000);

test("a run cancelled from another process ends in the one that owns it", async () => {
  const { store, notes, planFile } = scene({ restart: true });
  const { child, said } = launch({ store, planFile });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  await expect.poll(() => names(notes), { timeout: 15_000 }).toEqual(["a", "b"]);
  const { run } = JSON.parse(said()) as { run: string };
  const runner = await open(store);
  expect(await runner.cancel(run, "from outside")).toMatchObject({ ok: true });
  expect(await runner.wait(run)).toMatchObject({
    status: "cancelled",
    error: { message: "from outside" },
  });
  expect(await ended).toBe(0);
}, 30_000);
