import { expect, test } from "vitest";

import type { AppendEntry, AppendResult, ClaimedRun, Store } from "../../runner/ports/store.ts";
import { MemoryStore } from "../../runner/store/memory-store.ts";
import { openSqliteStore } from "../../runner/store/sqlite-store.ts";
import type { OpenStore } from "../../runner/store/store-scene-conformance.ts";
import { sharedPostgres } from "../../tools/services/shared-postgres.ts";
import { emptiedPostgres } from "./emptied-postgres.ts";
import { searchOwnership } from "./search-ownership.ts";

function opener(make: (now: () => number) => Store | Promise<Store>): OpenStore {
  return async () => {
    let now = 10_000;
    return {
      store: await make(() => now),
      now: () => now,
      advance(ms) {
        now += ms;
      },
    };
  };
}

test("in memory, two processes can do nothing in any order that breaks ownership or leaves a run behind", async () => {
  const open = opener((now) => new MemoryStore({ now }));
  expect(await searchOwnership(open, 6)).toBeGreaterThan(2_000);
});

test("in a file, they can't either", async () => {
  const open = opener((now) => openSqliteStore({ path: ":memory:", now }));
  expect(await searchOwnership(open, 4)).toBeGreaterThan(250);
});

test("in PostgreSQL, they can't either", async () => {
  const postgres = await emptiedPostgres(await sharedPostgres(), `search_${process.pid}`);
  expect(await searchOwnership(opener(postgres.open), 3)).toBeGreaterThan(80);
  await postgres.close();
});

/** Takes writes of whoever owns the run, also when their session has run out. */
class WithoutSessions extends MemoryStore {
  override isOwned(run: Parameters<MemoryStore["isOwned"]>[0]): boolean {
    return run.head.owner !== null;
  }
}

/** Takes writes of whoever knows how many events there are. */
class WithoutEpochs extends MemoryStore {
  override append(entry: AppendEntry): Promise<AppendResult> {
    return super.append({ ...entry, epoch: this.runs.get(entry.run)?.head.epoch ?? 0 });
  }
}

/** Gives a run to whoever asks. */
class WithoutOwners extends MemoryStore {
  override claim(run: string, session: string): Promise<ClaimedRun | null> {
    const found = this.runs.get(run);
    if (found !== undefined && found.head.owner !== session)
      found.head = { ...found.head, owner: null };
    return super.claim(run, session);
  }
}

test.each([
  ["writes after the end of a session", WithoutSessions],
  ["writes of an earlier epoch", WithoutEpochs],
  ["two owners at once", WithoutOwners],
])("finds %s", async (_name, Faulty) => {
  await expect(
    searchOwnership(
      opener((now) => new Faulty({ now })),
      6,
    ),
  ).rejects.toThrow(/claim first/);
});
