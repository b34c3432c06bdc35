// Several processes with their duties, over a store that fails them and a transport that loses, doubles and shuffles its notices.
import { expect, it } from "vitest";

import { Random, seeds } from "./random.ts";
import { ServiceWorld } from "./service-world.ts";

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
};

const patience = { timeout: 60_000 };

it(
  "serves schedules, events and clients, each wish once, while processes die, sleep and lose replies",
  patience,
  async () => {
    for (const seed of seeds(16)) {
      const random = new Random(seed);
      const world = new ServiceWorld({
        random,
        processes: 2 + random.below(2),
        fate(write) {
          if (random.chance(0.97)) return "ok";
          const crash = random.chance(0.4);
          if (crash && write !== "beat") return random.pick(["crash-before", "crash-after"]);
          return random.pick(["timeout-before", "timeout-after"]);
        },
        meddle(here) {
          if (random.chance(0.006) && here.processes.length > 0) {
            const process = random.pick(here.processes);
            const forMs = random.below(25_000);
            if (forMs > 8_000) here.stale.add(process);
            process.freeze(forMs);
          }
          if (random.chance(0.003)) {
            const held = random.pick(["alone", "ticked", null]);
            void here.store.holds.put({ flow: held, reason: "", atMs: here.clock.now() });
            here.clock.after(random.below(20_000), () => void here.store.holds.lift(held));
          }
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
      happened.starts += world.acknowledged.size;
    }
    // The faults are worth nothing if they do not happen.
    if (seeds(2).length > 1)
      expect(
        Object.values(happened).every((times) => times > 0),
        JSON.stringify(happened),
      ).toBe(true);
  },
);
