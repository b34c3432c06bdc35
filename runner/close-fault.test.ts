// A process that is told to end does so, also when its store is full or away by then.
import { expect, test } from "vitest";

import { openRunner } from "./index.ts";
import { StoreError } from "./ports/store-error.ts";
import { MemoryStore } from "./store/memory-store.ts";

class FullStore extends MemoryStore {
  override endSession(): Promise<void> {
    return Promise.reject(new StoreError("full", "no space left on device"));
  }
}

test("what else is open is closed when the session can't be ended, and somebody is told", async () => {
  const logged: string[] = [];
  let closed = 0;
  const runner = await openRunner({
    store: new FullStore({ now: () => Date.now() }),
    variables: {},
    folder: "/",
    models: { kind: "mock" },
    telemetry: { log: ({ level, message }) => void logged.push(`${level} ${message}`) },
    modules: {
      call: () => Promise.resolve({ ok: true, value: null }),
      check: () => Promise.resolve(null),
      close() {
        closed += 1;
        return Promise.resolve();
      },
    },
  });
  await runner.close({ graceMs: 0 });
  expect(closed).toBe(1);
  expect(logged.join("\n")).toContain("no space left on device");
});
