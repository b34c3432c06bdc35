import { expect, test } from "vitest";

import { VirtualClock } from "../test/simulation/virtual-clock.ts";
import { retentionDuty } from "./retention-duty.ts";
import { MemoryStore } from "./store/memory-store.ts";
import { begin, ended, entry } from "./store/store-scene-conformance.ts";

const dayMs = 86_400_000;

test("old runs go in small parts, and what is kept for ever stays", async () => {
  const clock = new VirtualClock(100 * dayMs);
  const store = new MemoryStore({ now: () => clock.now() });
  for (let count = 0; count < 150; count += 1) {
    const { run, epoch } = await begin(store);
    const atMs = count < 130 ? dayMs : 99 * dayMs;
    const head = ended({ ended: { atMs, output: null, error: null } });
    await store.append(entry(run, epoch, 1, { head }));
  }
  const logged: string[] = [];
  const telemetry = { log: ({ message }: { readonly message: string }) => logged.push(message) };
  const duty = (runsMs: number | null) =>
    retentionDuty({
      store,
      clock,
      telemetry,
      retention: { runsMs, ticksMs: null, eventsMs: null, filesMs: null },
    });
  expect(await duty(null).turn()).toBeNull();
  expect(store.runs.size).toBe(150);
  const again = await duty(30 * dayMs).turn();
  expect([again, store.runs.size]).toEqual([clock.now() + 50, 50]);
  expect([await duty(30 * dayMs).turn(), store.runs.size]).toEqual([null, 20]);
  expect(logged).toEqual([]);
});
