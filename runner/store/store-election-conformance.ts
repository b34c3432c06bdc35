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

  check("an office is kept by renewing it, with the same fence", async (under) => {
    const { election } = under.store;
    const a = { office, owner: "a", ttlMs };
    expect(await election.acquire(a)).toEqual({ elected: true, fence: 1 });
    for (let turn = 0; turn < 5; turn += 1) {
      under.advance(500);
      expect(await election.renew(a)).toBe(true);
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
    expect(await election.renew(a)).toBe(false);
    expect(await election.resign(a)).toBe(false);
    expect(await election.acquire(b)).toEqual({ elected: true, fence: 2 });
    expect(await election.renew(a)).toBe(false);
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
