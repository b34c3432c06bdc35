import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

import type { Json } from "../plan/expression.ts";
import type { FlowPlan, Plan, ToolPlan } from "../plan/plan.ts";
import {
  agent,
  block,
  call,
  callTool,
  field,
  flow,
  list,
  model,
  name,
  param,
  plan,
  record,
  retry,
  step,
  text,
  tool,
  value,
} from "../test/simulation/plan-builder.ts";
import { openRunner, StoreError, type Runner, type RunnerOptions } from "./index.ts";
import { openSqliteStore } from "./store/sqlite-store.ts";

const folder = fileURLToPath(new URL("./fixtures", import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), "agentflow-world-"));
const opened: Runner[] = [];
let server: Server;
let base = "";
let answer: (
  request: { readonly url: string; readonly key: string | undefined; readonly body: string },
  response: ServerResponse,
) => void;

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () =>
      answer(
        {
          url: request.url ?? "",
          key: request.headers["idempotency-key"] as string | undefined,
          body: Buffer.concat(chunks).toString(),
        },
        response,
      ),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((runner) => runner.close({ graceMs: 0 })));
});
afterAll(() => {
  server.close().closeAllConnections();
  rmSync(scratch, { recursive: true, force: true });
});

async function open(more: Partial<RunnerOptions> = {}): Promise<Runner> {
  const runner = await openRunner({
    store: null,
    variables: { BASE: base },
    folder,
    models: { kind: "mock" },
    ...more,
  });
  opened.push(runner);
  return runner;
}

async function start(
  runner: Runner,
  program: Plan,
  input: { readonly [name: string]: Json } = {},
): Promise<string> {
  const started = await runner.start({ plan: program, flow: "main", input });
  if (!started.ok) throw new Error(started.message);
  return started.run;
}

async function finish(
  runner: Runner,
  program: Plan,
  input: { readonly [name: string]: Json } = {},
) {
  const run = await start(runner, program, input);
  await runner.wait(run);
  const detail = await runner.show(run);
  return { run, status: detail?.status, error: detail?.error, output: detail?.output ?? null };
}

const config = { base: { schema: "any", secret: false, variable: "BASE" } };
const http = (more: Partial<ToolPlan> = {}): ToolPlan =>
  tool({
    reach: {
      kind: "http",
      method: "POST",
      url: {
        op: "template",
        parts: [{ value: { op: "config", name: "base" }, print: "text" }, "/work"],
      },
      inUrl: [],
      auth: { kind: "none" },
    },
    idempotency: "Idempotency-Key",
    ...more,
  });
const main = (body: FlowPlan["body"], more: Partial<FlowPlan> = {}): { main: FlowPlan } => ({
  main: flow("main", body, more),
});
const json = (response: ServerResponse, body: Json, status = 200): void => {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
};

test("an HTTP tool is tried again with the same key, and its answer is checked and trimmed to its type", async () => {
  const keys: (string | undefined)[] = [];
  answer = ({ key }, response) => {
    keys.push(key);
    if (keys.length === 1) json(response, {}, 503);
    else json(response, { id: "t1", extra: 1 });
  };
  const program = plan({
    config,
    schemas: {
      any: {},
      ticket: {
        type: "object",
        properties: { id: { type: "string" } },
        required: ["id"],
        additionalProperties: false,
      },
    },
    tools: { t: http({ returns: "ticket", retry: retry(3, { fromMs: 1, toMs: 1 }) }) },
    flows: main(block([step("a", callTool("t", value("x")))], name("a"))),
  });
  const result = await finish(await open(), program);
  expect(result).toMatchObject({ status: "succeeded", output: { id: "t1" } });
  expect(keys.length).toBe(2);
  expect(new Set(keys).size).toBe(1);
  answer = (_, response) => json(response, { id: 5 });
  expect(await finish(await open(), program)).toMatchObject({
    status: "failed",
    error: { code: "invalid_output" },
  });
});

test("a tool that does not answer in its time fails with timeout", async () => {
  answer = () => {};
  const program = plan({
    config,
    tools: { t: http({ timeoutMs: value(30) }) },
    flows: main(block([step("a", callTool("t"))])),
  });
  expect(await finish(await open(), program)).toMatchObject({
    status: "failed",
    error: { code: "timeout", message: "t did not answer within 30ms" },
  });
});

test("limits hold over all runs: concurrency and rate of a tool, and a circuit that opens", async () => {
  let most = 0;
  let held: (() => void)[] = [];
  // Nobody is answered before two are inside; the number of calls is even, so nobody waits for ever.
  answer = (_, response) => {
    held.push(() => json(response, 1));
    most = Math.max(most, held.length);
    if (held.length < 2) return;
    setImmediate(() => {
      const inside = held;
      held = [];
      for (const leave of inside) leave();
    });
  };
  const limited = plan({
    config,
    tools: { t: http({ concurrency: 2 }) },
    flows: main(
      block([
        step("all", {
          kind: "for",
          variable: "x",
          list: list(...[1, 2, 3, 4].map(value)),
          body: block([step("", callTool("t", name("x")))], name("")),
          maxItems: value(9),
          concurrency: value(9),
        }),
      ]),
    ),
  });
  const runner = await open();
  await Promise.all([1, 2, 3].map(() => finish(runner, limited)));
  expect(most).toBe(2);

  const times: number[] = [];
  answer = (_, response) => {
    times.push(performance.now());
    json(response, 1);
  };
  const paced = plan({
    config,
    tools: { t: http({ rate: { count: 1, perMs: 40 } }) },
    flows: main(block([step("a", callTool("t")), step("b", callTool("t"))])),
  });
  await Promise.all([finish(runner, paced), finish(runner, paced)]);
  // Single requests arrive with some jitter; three pauses together can't be much shorter than asked for.
  expect((times[3] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(105);

  let calls = 0;
  answer = (_, response) => {
    calls += 1;
    json(response, {}, 500);
  };
  const broken = plan({
    config,
    tools: { t: http({ circuit: { failures: 2, windowMs: 60_000, cooldownMs: 60_000 } }) },
    flows: main(block([step("a", callTool("t"))])),
  });
  const codes: (string | undefined)[] = [];
  for (let index = 0; index < 4; index += 1) codes.push((await finish(runner, broken)).error?.code);
  expect([codes, calls]).toEqual([
    ["unavailable", "unavailable", "circuit_open", "circuit_open"],
    2,
  ]);
});

test("runs of a flow with one slot queue in order and never overlap", async () => {
  const order: string[] = [];
  answer = ({ body }, response) => {
    const { x } = JSON.parse(body) as { x: string };
    order.push(`+${x}`);
    setTimeout(() => {
      order.push(`-${x}`);
      json(response, x);
    }, 5);
  };
  const program = plan({
    config,
    tools: { t: http() },
    flows: main(block([step("a", callTool("t", name("x")))]), {
      params: [param("x")],
      concurrency: { limit: 1 },
    }),
  });
  const runner = await open();
  const runs: string[] = [];
  for (const x of ["a", "b", "c"]) runs.push(await start(runner, program, { x }));
  await Promise.all(runs.map((run) => runner.wait(run)));
  expect(order).toEqual(["+a", "-a", "+b", "-b", "+c", "-c"]);
});

test("state is kept between runs, and continue starts the next one", async () => {
  const counted = {
    op: "add",
    left: name("n"),
    right: value(1),
    kinds: ["int", "int", "int"],
  } as const;
  const program = plan({
    flows: main(
      block(
        [
          step("again", {
            kind: "if",
            test: { op: "less", left: name("n"), right: value(2), as: "int" },
            then: block([step("", call({ kind: "continue" }, {}, { maxRuns: 9 }))], name("")),
            else: null,
          }),
        ],
        name("n"),
      ),
      { states: [{ name: "n", schema: "any", initial: value(0), per: value("k"), next: counted }] },
    ),
  });
  const runner = await open();
  const first = await finish(runner, program);
  expect(first.output).toBe(0);
  await expect
    .poll(async () => (await runner.list()).map((run) => run.status))
    .toEqual(["succeeded", "succeeded", "succeeded"]);
  const outputs = await Promise.all(
    (await runner.list()).map(async (run) => (await runner.show(run.id))?.output),
  );
  expect(outputs.toSorted((one, other) => Number(one) - Number(other))).toEqual([0, 1, 2]);
});

test("files reach modules with their bytes", async () => {
  const program = plan({
    schemas: { any: {} },
    tools: {
      t: tool({ reach: { kind: "module", module: "./tools.ts", function: "size", secrets: {} } }),
    },
    flows: main(block([step("a", callTool("t", record({ document: name("x") })))], name("a")), {
      params: [param("x")],
    }),
  });
  const runner = await open();
  const file = await runner.storeFile({
    name: "a.bin",
    mime: "application/octet-stream",
    bytes: new Uint8Array(100_000).fill(3),
  });
  expect(await finish(runner, program, { x: file })).toMatchObject({
    output: { name: "a.bin", sum: 300_000 },
  });
});

test("models: a backup answers when the first can't, and prices add up", async () => {
  answer = ({ url, body }, response) => {
    const { model: asked } = JSON.parse(body) as { model: string };
    if (asked === "down") json(response, {}, 503);
    else
      json(response, {
        choices: [{ finish_reason: "stop", message: { content: `from ${asked} at ${url}` } }],
        usage: { prompt_tokens: 1_000, completion_tokens: 500 },
      });
  };
  const baseUrl = {
    op: "template",
    parts: [{ value: { op: "config", name: "base" }, print: "text" }, "/v1"],
  } as const;
  const program = plan({
    config,
    schemas: { any: {}, text: { type: "string" } },
    models: {
      fast: model({
        provider: "openai",
        model: "down",
        baseUrl,
        backups: ["spare"],
        retry: retry(2, { fromMs: 1, toMs: 1 }),
      }),
      spare: model({ provider: "openai", model: "up", baseUrl, price: { input: 2, output: 10 } }),
    },
    agents: { writer: agent({ returns: "text", prompt: text("Write.") }) },
    flows: main(
      block([step("a", call({ kind: "agent", name: "writer" }, { x: value(1) }))], name("a")),
    ),
  });
  const runner = await open({ models: { kind: "real" } });
  const result = await finish(runner, program);
  expect(result).toMatchObject({ status: "succeeded", output: "from up at /v1/chat/completions" });
  expect(await runner.show(result.run)).toMatchObject({
    cost: 0.007,
    tokensIn: 1_000,
    tokensOut: 500,
    steps: [{ cost: 0.007 }],
  });
});

test("a store without room stops the run with a clear error, and it goes on when there is room", async () => {
  const path = join(scratch, "full.db");
  answer = (_, response) => json(response, "y".repeat(300_000));
  const program = plan({
    config,
    tools: { t: http() },
    flows: main(block([step("a", callTool("t"))], { op: "method", name: "length", of: name("a") })),
  });
  const small = openSqliteStore({ path, now: () => Date.now(), maxPages: 80 });
  const first = await open({ store: small });
  const run = await start(first, program);
  await expect(first.wait(run)).rejects.toThrow(StoreError);
  await expect(first.wait(run)).rejects.toThrow(/the disk is full; make room/);
  opened.splice(0);
  await first.close({ graceMs: 0 });
  await small.close();
  const second = await open({ store: path });
  expect(await second.resume(run)).toMatchObject({ ok: true });
  expect(await second.wait(run)).toMatchObject({ status: "succeeded" });
  expect((await second.show(run))?.output).toBe(300_000);
}, 30_000);

test("closing gives runs back at once, and lets what is nearly done finish", async () => {
  const path = join(scratch, "close.db");
  let release: (() => void) | undefined;
  const calls: string[] = [];
  answer = ({ body }, response) => {
    calls.push((JSON.parse(body) as { x: string }).x);
    release = () => json(response, 1);
    if (calls.length !== 1) release();
  };
  const program = plan({
    config,
    tools: { t: http() },
    flows: main(
      block(
        [step("a", callTool("t", value("a"))), step("b", callTool("t", value("b")), ["a"])],
        field(name("b"), "x"),
      ),
    ),
  });
  const first = await open({ store: path });
  const run = await start(first, program);
  await expect.poll(() => calls).toEqual(["a"]);
  const closing = first.close();
  setTimeout(() => release?.(), 20);
  await closing;
  opened.splice(0);
  expect(calls).toEqual(["a"]);
  const second = await open({ store: path });
  expect((await second.show(run))?.steps[0]).toMatchObject({ path: "main.a", status: "succeeded" });
  expect(await second.recover()).toEqual([run]);
  expect(await second.wait(run)).toMatchObject({ status: "succeeded" });
  expect(calls).toEqual(["a", "b"]);
});
