import { testStore } from "./store-conformance.ts";
import { MemoryStore } from "./memory-store.ts";

testStore(async () => {
  let now = 10_000;
  return {
    store: new MemoryStore({ now: () => now }),
    now: () => now,
    advance(ms) {
      now += ms;
    },
  };
});
