import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, expect, test } from "vitest";

import type { Json } from "../plan/expression.ts";
import { call, field, name, solo } from "../test/simulation/plan-builder.ts";
import { fanOut } from "../test/simulation/small-plans.ts";
import { openRunner, type ModulePort } from "./index.ts";
import { openSqliteStore } from "./store/sqlite-store.ts";

const folder = mkdtempSync(join(tmpdir(), "agentflow-large-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const many = { maxItems: 5_000, concurrency: 50 };

test("a long list goes on elsewhere in the middle: in order, nothing twice, from a snapshot", async () => {
  const path = join(folder, "middle.db");
  const calls = new Map<number, number>();
  let stopAt = 2_100;
  let stopped = (): void => {};
  const middle = new Promise<void>((resolve) => {
    stopped = resolve;
  });
  const modules: ModulePort = {
    call: async ({ input }) => {
      const { n } = Object.values(input)[0] as { readonly n: number };
      calls.set(n, (calls.get(n) ?? 0) + 1);
      if (calls.size === stopAt) stopped();
      return n % 500 === 7
        ? { ok: false, code: "not_found", message: "there is none" }
        : { ok: true, value: { done: n } };
    },
    check: async () => null,
    close: async () => {},
  };
  const open = () =>
    openRunner({ store: path, variables: {}, folder: "/", modules, takeOver: true });
  const needs = field(name("x"), "needs");
  const program = fanOut(many, { tolerate: { fraction: 0.5 }, key: field(name("x"), "n"), needs });
  const xs = Array.from({ length: 3_000 }, (_, n): Json => ({
    n,
    needs: n % 500 === 8 ? [n - 1] : [],
  }));
  const first = await open();
  const started = await first.start({ plan: program, flow: "main", input: { xs } });
  const run = started.ok ? started.run : "";
  expect(started).toMatchObject({ ok: true });
  await middle;
  await first.close();
  stopAt = -1;
  const store = openSqliteStore({ path, now: Date.now });
  const snapshot = await store.snapshot(run);
  expect(snapshot?.seq).toBeGreaterThan(1_000);
  await store.close();
  const second = await open();
  expect(await second.wait(run)).toMatchObject({ status: "succeeded" });
  const { ok, failed } = ((await second.show(run))?.output ?? {}) as unknown as {
    readonly ok: readonly { readonly done: number }[];
    readonly failed: readonly { readonly key: string; readonly error: { readonly code: string } }[];
  };
  await second.close();
  expect(ok.map(({ done }) => done)).toEqual(
    xs.map((_, n) => n).filter((n) => n % 500 !== 7 && n % 500 !== 8),
  );
  expect(failed.map(({ key, error }) => `${key} ${error.code}`)).toEqual(
    [0, 1, 2, 3, 4, 5].flatMap((n) => [
      `${n * 500 + 7} not_found`,
      `${n * 500 + 8} upstream_failed`,
    ]),
  );
  expect([...calls.values()].filter((times) => times > 1)).toEqual([]);
});

test("a thousand events for one run are taken in by the hundred", async () => {
  const store = openSqliteStore({ path: ":memory:", now: Date.now });
  const body = solo(call({ kind: "receive" }, { topic: name("x") }));
  const program = fanOut({ maxItems: 1_000, concurrency: 1_000 }, { body });
  const sizes: number[] = [];
  const counting = Object.create(store, {
    append: {
      value: (entry: Parameters<typeof store.append>[0]) => {
        if (entry.taken !== undefined) sizes.push(entry.taken.length);
        return store.append(entry);
      },
    },
  }) as typeof store;
  const runner = await openRunner({ store: counting, variables: {}, folder: "/" });
  const xs = Array.from({ length: 1_000 }, (_, n) => `t.${n}`);
  const started = await runner.start({ plan: program, flow: "main", input: { xs } });
  const run = started.ok ? started.run : "";
  while ((await store.head(run))?.status !== "waiting")
    await new Promise((resolve) => setTimeout(resolve, 10));
  const time = new Date().toISOString();
  for (const topic of xs) await store.publish({ id: topic, topic, time, data: topic });
  await runner.resume(run);
  expect(await runner.wait(run)).toMatchObject({ status: "succeeded" });
  expect((await runner.show(run))?.output).toEqual(xs);
  await runner.close();
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(1_000);
  expect(sizes.length).toBeLessThan(20);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(256);
});
