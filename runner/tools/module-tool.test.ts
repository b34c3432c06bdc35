import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterAll, expect, onTestFinished, test, vi } from "vitest";

import { sha256 } from "../../base/sha256.ts";
import type { ModuleCall } from "../ports/tool.ts";
import { moduleTool, type ModuleToolOptions } from "./module-tool.ts";

const module = fileURLToPath(new URL("./fixtures/module.ts", import.meta.url));
const written = new Map<string, Uint8Array>();
const printed: string[] = [];

const world = {
  files: {
    read: async (hash) => written.get(hash),
    write: async ({ name, mime, bytes }) => {
      written.set(sha256(bytes), bytes);
      return { name, mime, size: bytes.length, sha256: sha256(bytes) };
    },
  },
  telemetry: { log: (record) => printed.push(record.message) },
  limits: { maxMemoryMb: 64, maxJsonLength: 100_000, maxFileBytes: 200_000, graceMs: 20 },
} satisfies ModuleToolOptions;
const tool = moduleTool(world);

afterAll(() => tool.close());

function call(name: string, more: Partial<ModuleCall> = {}): ModuleCall {
  return {
    module,
    function: name,
    input: {},
    secrets: {},
    idempotencyKey: "run/step",
    codes: [],
    ...more,
  };
}

const go = (name: string, more: Partial<ModuleCall> = {}, signal = new AbortController().signal) =>
  tool.call(call(name, more), { signal });

test("a TypeScript function is called with its input, and again in the same thread", async () => {
  expect(await go("twice", { input: { n: 4 } })).toEqual({ ok: true, value: { n: 8 } });
  const outcomes = await Promise.all([1, 2, 3].map((n) => go("twice", { input: { n } })));
  expect(outcomes).toEqual([2, 4, 6].map((n) => ({ ok: true, value: { n } })));
});

test("secrets and the idempotency key reach the function, the environment does not", async () => {
  expect(await go("context", { secrets: { key: "s3cret" } })).toEqual({
    ok: true,
    value: { secrets: { key: "s3cret" }, idempotencyKey: "run/step", environment: 0 },
  });
});

test("a function that returns nothing gives null, and what it prints is no output of ours", async () => {
  expect(await go("nothing")).toEqual({ ok: true, value: null });
  await expect.poll(() => printed, { timeout: 10_000 }).toContain("printed by the module");
});

test("codes: declared ones and the language's own pass, anything else is internal, and secrets never show", async () => {
  const secrets = { key: "s3cret" };
  expect(await go("declared", { secrets, codes: ["card_declined"] })).toEqual({
    ok: false,
    code: "card_declined",
    message: "no money on [secret]",
    retryAfterMs: 5,
  });
  expect(await go("undeclared")).toMatchObject({
    code: "internal",
    message: "undeclared threw: ENOENT: no such file",
  });
});

test("blocking, leaking, quitting and crashing functions end alone", async () => {
  const abort = new AbortController();
  const blocked = go("block", {}, abort.signal);
  setTimeout(() => abort.abort(), 50);
  expect(await blocked).toMatchObject({ ok: false, code: "cancelled" });
  expect(await go("leak")).toMatchObject({
    code: "internal",
    message: expect.stringContaining("more than 64 MB"),
  });
  expect(await go("quit")).toMatchObject({
    code: "internal",
    message: expect.stringContaining("process.exit"),
  });
  expect(await go("throwLater")).toMatchObject({
    code: "internal",
    message: expect.stringContaining("from a timer"),
  });
  expect(await go("twice", { input: { n: 1 } })).toEqual({ ok: true, value: { n: 2 } });
});

test("a function that watches its signal ends in its own time", async () => {
  const abort = new AbortController();
  const outcome = go("patient", {}, abort.signal);
  abort.abort();
  expect(await outcome).toMatchObject({ code: "cancelled" });
});

test("what has no JSON or too much of it is refused in the thread", async () => {
  expect(await go("cycle")).toMatchObject({ code: "invalid_output" });
  expect(await go("big")).toMatchObject({
    code: "invalid_output",
    message: expect.stringContaining("200002 characters"),
  });
});

test("files go in with their bytes and come back stored", async () => {
  const document = {
    name: "a.txt",
    mime: "text/plain",
    size: 2,
    bytes: new TextEncoder().encode("hi"),
  };
  const outcome = await go("shout", { input: { document } });
  expect(outcome).toMatchObject({
    ok: true,
    value: { result: { name: "loud-a.txt", size: 2, sha256: sha256("HI") } },
  });
});

test("a missing function, file or built-in module is named", async () => {
  expect(await go("nope")).toMatchObject({
    code: "internal",
    message: expect.stringContaining("no function nope"),
  });
  expect(await tool.check({ module: "/nowhere/x.ts", function: "f" })).toBe(
    "the file /nowhere/x.ts does not exist",
  );
  expect(await tool.check({ module: "agentflow/nope", function: "f" })).toBe(
    "there is no built-in module agentflow/nope",
  );
  expect(await tool.check({ module: "agentflow/web", function: "fetchPage" })).toBeNull();
  expect(await tool.check({ module, function: "twice" })).toBeNull();
});

test("the built-in page reader runs in a thread and refuses the inner network", async () => {
  const outcome = await go("fetchPage", {
    module: "agentflow/web",
    input: { url: "http://127.0.0.1:1/" },
  });
  expect(outcome).toEqual({
    ok: false,
    code: "unauthorized",
    message: "127.0.0.1 is not an address of the public internet",
  });
});

test("memory in one piece, memory outside of the heap and unhandled rejections end alone too", async () => {
  expect(await go("leap")).toMatchObject({
    code: "internal",
    message: expect.stringContaining("MB of memory"),
  });
  expect(await go("buffers")).toMatchObject({
    code: "internal",
    message: expect.stringContaining("more than 228 MB"),
  });
  expect(await go("forgotten")).toMatchObject({
    code: "internal",
    message: expect.stringContaining("nobody waits for it"),
  });
});

test("whatever is thrown becomes one short line, and a wait that is no number is none", async () => {
  for (const what of ["bare", "null", "trap"]) {
    expect(await go("strange", { input: { what } })).toMatchObject({ ok: false, code: "internal" });
  }
  expect(await go("strange", { input: { what: "wait" } })).toEqual({
    ok: false,
    code: "rate_limited",
    message: "later",
  });
  const long = await go("strange", { input: { what: "long" } });
  expect(JSON.stringify(long)).not.toContain("u001b");
  expect(JSON.stringify(long).length).toBeLessThan(1_200);
});

test("files beyond the limit are refused, and a line without end is cut", async () => {
  expect(await go("heavy")).toMatchObject({
    code: "invalid_output",
    message: expect.stringContaining("300000 bytes of files"),
  });
  expect(await go("flood")).toEqual({ ok: true, value: null });
  await go("nothing");
  await expect.poll(() => printed.at(-1), { timeout: 10_000 }).toBe("printed by the module");
  expect(printed.reduce((sum, line) => sum + line.length, 0)).toBeLessThan(200_000);
});

test("a call that is given up before it began is never made, and leaves the queue", async () => {
  const folder = mkdtempSync(join(tmpdir(), "agentflow-module-"));
  const file = join(folder, "mark");
  const single = moduleTool({ ...world, maxProcesses: 1 });
  const abort = new AbortController();
  const blocking = single.call(call("patient"), abort);
  const given = new AbortController();
  const waiting = single.call(call("mark", { input: { file } }), given);
  given.abort();
  expect(await waiting).toMatchObject({ code: "cancelled" });
  abort.abort();
  await blocking;
  expect(await single.call(call("mark", { input: { file } }), given)).toMatchObject({
    code: "cancelled",
  });
  await single.close();
  expect(existsSync(file)).toBe(false);
  rmSync(folder, { recursive: true });
});

test("processes of calls that end together stay for those that follow, and end when nobody does", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const own = moduleTool({ ...world, maxProcesses: 6 });
  onTestFinished(async () => {
    vi.useRealTimers();
    await own.close();
  });
  const crowd = (): Promise<unknown[]> =>
    Promise.all(
      Array.from({ length: 6 }, async () => {
        const outcome = await own.call(call("processId"), new AbortController());
        return outcome.ok ? outcome.value : outcome;
      }),
    );
  const first = await crowd();
  expect(new Set(first).size).toBe(6);
  expect(new Set(await crowd())).toEqual(new Set(first));
  vi.advanceTimersByTime(5_000);
  const last = await crowd();
  expect(last.filter((id) => first.includes(id))).toHaveLength(2);
});
