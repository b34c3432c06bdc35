import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, afterEach, expect, test } from "vitest";

import {
  block,
  call,
  callTool,
  flow,
  name,
  plan,
  step,
  tool,
} from "../test/simulation/plan-builder.ts";
import { openRunner, type ModulePort, type Runner } from "./index.ts";

const folder = mkdtempSync(join(tmpdir(), "agentflow-concurrency-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const opened: Runner[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((runner) => runner.close({ graceMs: 100 })));
});

const module = { reach: { kind: "module", module: "./m.ts", function: "f", secrets: {} } } as const;
const program = plan({
  flows: {
    main: flow("main", block([step("s", call({ kind: "flow", name: "alone" }))], name("s"))),
    alone: flow("alone", block([step("t", callTool("t"))], name("t")), {
      concurrency: { limit: 1 },
    }),
  },
  tools: { t: tool(module) },
});

/** Calls that go on until they are let go. */
function gate(): ModulePort & { readonly waiting: (() => void)[]; most: number } {
  let inside = 0;
  const port = {
    waiting: [] as (() => void)[],
    most: 0,
    call: () =>
      new Promise<{ ok: true; value: null }>((resolve) => {
        inside += 1;
        port.most = Math.max(port.most, inside);
        port.waiting.push(() => {
          inside -= 1;
          resolve({ ok: true, value: null });
        });
      }),
    check: () => Promise.resolve(null),
    close: () => Promise.resolve(),
  };
  return port;
}

async function open(store: string, modules: ModulePort): Promise<Runner> {
  const runner = await openRunner({ store, variables: {}, folder, modules });
  opened.push(runner);
  return runner;
}

async function start(runner: Runner, of: string): Promise<string> {
  const started = await runner.start({ plan: program, flow: of, input: {} });
  if (!started.ok) throw new Error(started.message);
  return started.run;
}

test("a flow's concurrency holds for its runs and its calls in all processes; who waits says so", async () => {
  const store = join(folder, "alone.db");
  const modules = gate();
  const [one, other] = [await open(store, modules), await open(store, modules)];
  const runs = [await start(one, "alone")];
  await expect.poll(() => modules.waiting.length).toBe(1);
  const caller = await start(other, "main");
  runs.push(caller, await start(one, "main"));
  await expect.poll(async () => (await other.show(caller))?.status).toBe("waiting");
  const { waits } = (await other.show(caller)) ?? {};
  expect(waits).toEqual([{ kind: "slot", path: "main.s.alone!slot", flow: "alone" }]);
  runs.push(await start(other, "alone"));
  const ends = Promise.all(runs.map((run, at) => (at % 2 === 0 ? one : other).wait(run)));
  for (let count = 0; count < runs.length; count += 1) {
    await expect.poll(() => modules.waiting.length, { timeout: 10_000 }).toBe(1);
    modules.waiting.shift()?.();
  }
  expect((await ends).map(({ status }) => status)).toEqual(runs.map(() => "succeeded"));
  expect(modules.most).toBe(1);
});
