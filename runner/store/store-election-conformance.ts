import { expect } from "vitest";

import { checker, type OpenStore } from "./store-scene-conformance.ts";

const office = "duties";
const ttlMs = 1_500;

/** What every store promises about offices that one process holds at a time. */
export function testElection(open: OpenStore): void {
  const check = checker(open);

  check("one of many candidates gets an office", async ({ store: { election } }) => {
    const terms = await Promise.all(
      ["a", "b", "c", "d"].map((owner) => election.acquire({ office, owner, ttlMs })),
    );
    expect(terms.filter(({ elected }) => elected)).toEqual([{ elected: true, fence: 1 }]);
    const winner = ["a", "b", "c", "d"][terms.findIndex(({ elected }) => elected)];
    expect(await election.holder(office)).toEqual({ owner: winner, fence: 1 });
    expect(await election.holder("another")).toBeNull();
    expect(await election.acquire({ office: "another", owner: "e", ttlMs })).toEqual({
      elected: true,
      fence: 1,
    });
  });

  check("renewing tells when events, schedules or deployments have changed", async ({ store }) => {
    const a = { office: "o", owner: "a", ttlMs: 5_000 };
    await store.election.acquire(a);
    const news = async (): Promise<string> => (await store.election.renew(a))?.news ?? "lost";
    const seen = [await news()];
    expect(await news()).toBe(seen[0]);
    const schedule = { id: "s", program: "p", flow: "f", planHash: "h", trigger: 0, sinceMs: 5 };
    const time = "2024-01-01T00:00:00.000Z";
    for (const change of [
      () => store.publish({ id: "e", topic: "t", time, data: null }),
      () => store.schedules.put(schedule),
      () => store.schedules.pause("s", true),
      () =>
        store.deployments.put(
          {
            program: "p",
            planHash: "h",
            environment: "",
            folder: "/",
            mocked: false,
            atMs: 1,
          },
          0,
        ),
      () => store.schedules.remove("s"),
    ]) {
      await change();
      seen.push(await news());
    }
    expect(new Set(seen).size).toBe(6);
    expect(await news()).toBe(seen.at(-1));
  });

  check("an office is kept by renewing it, with the same fence", async (under) => {
    const { election } = under.store;
    const a = { office, owner: "a", ttlMs };
    expect(await election.acquire(a)).toEqual({ elected: true, fence: 1 });
    for (let turn = 0; turn < 5; turn += 1) {
      under.advance(500);
      expect(await election.renew(a)).not.toBeNull();
      expect(await election.acquire({ ...a, owner: "b" })).toEqual({
        elected: false,
        afterMs: ttlMs,
      });
    }
    expect(await election.acquire(a)).toEqual({ elected: true, fence: 1 });
    expect(await election.holder(office)).toEqual({ owner: "a", fence: 1 });
  });

  check("an office is free when its time is over, and the fence rises", async (under) => {
    const { election } = under.store;
    const [a, b] = ["a", "b"].map((owner) => ({ office, owner, ttlMs })) as [
      { office: string; owner: string; ttlMs: number },
      { office: string; owner: string; ttlMs: number },
    ];
    await election.acquire(a);
    under.advance(ttlMs + 1);
    expect(await election.holder(office)).toBeNull();
    // Nobody else has it, but others may have had it meanwhile.
    expect(await election.renew(a)).toBeNull();
    expect(await election.resign(a)).toBe(false);
    expect(await election.acquire(b)).toEqual({ elected: true, fence: 2 });
    expect(await election.renew(a)).toBeNull();
    expect(await election.acquire(a)).toMatchObject({ elected: false });
    under.advance(ttlMs + 1);
    expect(await election.acquire(b)).toEqual({ elected: true, fence: 3 });
  });

  check("who resigns lets another in at once, and only the holder can", async ({ store }) => {
    const { election } = store;
    await election.acquire({ office, owner: "a", ttlMs });
    expect(await election.resign({ office, owner: "b" })).toBe(false);
    expect(await election.acquire({ office, owner: "b", ttlMs })).toMatchObject({
      elected: false,
    });
    expect(await election.resign({ office, owner: "a" })).toBe(true);
    expect(await election.holder(office)).toBeNull();
    expect(await election.acquire({ office, owner: "b", ttlMs })).toEqual({
      elected: true,
      fence: 2,
    });
  });
}
