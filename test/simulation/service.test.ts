// Several processes with their duties, over a store that fails them and a transport that loses, doubles and shuffles its notices.
import { expect, it } from "vitest";

import { simulateAll } from "./misfortunes.ts";
import { Random, seeds } from "./random.ts";
import { ServiceWorld } from "./service-world.ts";
import type { Fate } from "./sim-process.ts";

const untilMs = 900_000;

const happened = {
  deaths: 0,
  lost: 0,
  doubled: 0,
  fenced: 0,
  stale: 0,
  purged: 0,
  events: 0,
  starts: 0,
  replaced: 0,
  turns: 0,
  deployed: 0,
};

const patience = { timeout: 60_000 * Number(process.env["SIMULATION_TIMES"] ?? 1) };

it(
  "serves schedules, events and clients, each wish once, while processes die, sleep and lose replies",
  patience,
  async () => {
    await simulateAll(16, async (seed, misfortunes) => {
      const random = new Random(seed);
      const world = new ServiceWorld({
        random,
        processes: 2 + random.below(2),
        fate: (write) =>
          misfortunes.draw<Fate>(0.03, (own) => {
            const crash = own.chance(0.4) && write !== "beat";
            const what = own.pick<Fate>(
              crash ? ["crash-before", "crash-after"] : ["timeout-before", "timeout-after"],
            );
            return { what, name: `${what} of ${write}` };
          }) ?? "ok",
        meddle(here) {
          misfortunes.draw(here.processes.length > 0 ? 0.006 : 0, (own) => {
            const process = own.pick(here.processes);
            const forMs = own.below(25_000);
            if (forMs > 8_000) here.stale.add(process);
            process.freeze(forMs);
            return { what: true, name: `a process stands still for ${forMs} ms` };
          });
          misfortunes.draw(0.003, (own) => {
            const held = own.pick(["alone", "ticked", null]);
            void here.store.holds.put({ flow: held, reason: "", atMs: here.clock.now() });
            here.clock.after(own.below(20_000), () => void here.store.holds.lift(held));
            return { what: true, name: `${held ?? "everything"} is held` };
          });
        },
      });
      const ended = await world.run(untilMs);
      expect([await world.faults(), ended], `seed ${seed}`).toEqual([[], true]);
      const { store, transport } = world;
      happened.deaths += world.deaths;
      happened.lost += transport.lost;
      happened.doubled += transport.doubled;
      happened.fenced += store.fenced;
      happened.stale += world.stale.size;
      happened.purged += store.purged.size;
      happened.events += world.emitted.size;
      happened.replaced += [...store.flows.keys()].filter(
        (run) => (store.runs.get(run)?.head.status ?? store.purgedStatus.get(run)) === "cancelled",
      ).length;
      happened.deployed += world.deployed;
      happened.turns += [...store.permits.reserved.values()].flat().length;
      happened.starts += world.acknowledged.size;
    });
    // The faults are worth nothing if they do not happen.
    if (seeds(2).length > 1)
      expect(
        Object.values(happened).every((times) => times > 0),
        JSON.stringify(happened),
      ).toBe(true);
  },
);
