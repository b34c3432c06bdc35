// Two versions of the runner work on one store, and neither can read the snapshots of the other: what was met, nobody has to believe.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, expect, test, vi } from "vitest";

import { required } from "../../base/assert.ts";
import { openRunner } from "../../runner/index.ts";
import type { Store } from "../../runner/ports/store.ts";
import { sessionIsGone } from "../../runner/session-name.ts";
import { openSqliteStore } from "../../runner/store/sqlite-store.ts";
import { bundleScript } from "../../tools/services/bundle-script.ts";
import { copyBuild } from "./copy-build.ts";
import { Ledger } from "./ledger.ts";
import { chaosPlan, programFolder } from "./program.ts";
import { lengthy } from "./scripts.ts";
import { Workers } from "./workers.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

/** One worker on a file, which can become one of the other version, and the way to look into the file. */
async function scene(): Promise<{ workers: Workers; store: Store; path: string; ledger: Ledger }> {
  const folder = mkdtempSync(join(tmpdir(), "agentflow-versions-"));
  closers.push(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "store.db");
  const build = copyBuild();
  closers.push(build.remove);
  const ledger = new Ledger({ onPoison: () => {} });
  await ledger.open();
  closers.push(() => ledger.close());
  const store = openSqliteStore({ path, now: Date.now, isGone: sessionIsGone });
  closers.push(() => store.close());
  const workers = new Workers({
    count: 1,
    script: await bundleScript(join(import.meta.dirname, "worker-process.ts")),
    settings: {
      runner: build.runner,
      store: path,
      redis: null,
      ledger: ledger.url,
      folder: programFolder,
      concurrency: 4,
    },
    otherRunner: build.otherRunner,
    log: () => {},
  });
  closers.push(() => workers.close());
  return { workers, store, path, ledger };
}

async function startLengthy(
  { path, ledger }: { readonly path: string; readonly ledger: Ledger },
  items: number,
): Promise<string> {
  const runner = await openRunner({
    store: path,
    variables: { LEDGER_URL: ledger.url, WORKER_NAME: "harness" },
    folder: programFolder,
    models: { kind: "mock" },
    work: "none",
  });
  const input = { tag: "t", items: Array.from({ length: items }, (_, index) => index) };
  const started = await runner.start({ plan: chaosPlan(), flow: lengthy.flow, input });
  await runner.close();
  if (!started.ok) throw new Error(started.message);
  return started.run;
}

/** Waits until the run has a snapshot of another form than this. Gives the number of its form. */
async function nextForm(store: Store, run: string, form?: number): Promise<number> {
  return vi.waitFor(
    async () => {
      const { state } = required(await store.snapshot(run), "it has none yet");
      const { version } = state as { readonly version: number };
      expect(version).not.toBe(form);
      return version;
    },
    { timeout: 40_000, interval: 20 },
  );
}

test("a run goes on from its history where its snapshot is of another form, and back again", async () => {
  const here = await scene();
  const { workers, store } = here;
  /** The worker becomes one of the other version, which owns the run then and goes on with it. */
  const upgrade = async (): Promise<void> => {
    const before = await store.head(run);
    await workers.upgrade(0);
    await vi.waitFor(
      async () => {
        const after = await store.head(run);
        expect(after?.epoch).toBe((before?.epoch ?? 0) + 1);
        expect(after?.owner).toContain(`/${workers.pid(0)}/`);
        const events = await store.events(run, { afterSeq: before?.seq ?? 0 });
        const taken = events.findIndex(({ kind }) => kind === "run.interrupted");
        expect(events.length).toBeGreaterThan(taken + 20);
      },
      { timeout: 40_000, interval: 20 },
    );
  };
  await workers.open();
  const run = await startLengthy(here, 1_900);
  const own = await nextForm(store, run);
  await upgrade();
  // Nobody but the other version writes this one.
  expect([own, await nextForm(store, run, own)]).toEqual([expect.any(Number), 999]);
  await upgrade();
  const events = await store.events(run, { afterSeq: 0 });
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  const done = events.flatMap((event) => (event.kind === "activity.succeeded" ? [event.path] : []));
  expect(new Set(done).size).toBe(done.length);
  expect(workers.crashes).toEqual([]);
}, 120_000);
