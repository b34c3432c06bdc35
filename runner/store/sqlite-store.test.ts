import { testStore } from "./store-conformance.ts";
import { openSqliteStore } from "./sqlite-store.ts";

testStore(async () => {
  let now = 10_000;
  return {
    store: openSqliteStore({ path: ":memory:", now: () => now }),
    now: () => now,
    advance(ms) {
      now += ms;
    },
  };
});
