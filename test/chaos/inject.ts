import { Redis } from "ioredis";

import type { Fault, FaultKind } from "./faults.ts";
import { tell, type Servers, type Services } from "./services.ts";
import type { Recoveries } from "./recoveries.ts";
import { deluged, endless, flooded, poison, stalled, type Script } from "./scripts.ts";
import type { Workers } from "./workers.ts";

/** What faults are done to. */
export interface Target {
  readonly services: Services;
  readonly workers: Workers;
  readonly recoveries: Recoveries;
  readonly load: {
    /** Starts a run. */
    startOne(script: Script): Promise<void>;
    /** Starts one that never ends by itself, and cancels it after so many milliseconds. */
    startAndCancel(script: Script, afterMs: number): Promise<void>;
    /** Deploys the next edition of the program, while runs of the one before go on. */
    deployNext(): Promise<void>;
  };
}

/** Does the harm, and takes it back when its time is over. What harms for a moment only returns at once. */
type Injector = (fault: Fault, target: Target) => Promise<void>;

const injectors: { readonly [kind in FaultKind]: Injector } = {
  "worker-kill": async ({ kind, victim }, { workers, recoveries }) => {
    await recoveries.watch(kind, workers.pid(victim));
    await workers.kill(victim);
  },
  "worker-freeze": async ({ kind, victim, forMs }, { workers, recoveries }) => {
    await recoveries.watch(kind, workers.pid(victim));
    await workers.freeze(victim, forMs);
  },
  "worker-pause": ({ victim, forMs }, { workers }) => workers.freeze(victim, forMs),
  "worker-clock": async ({ victim, size }, { workers }) => workers.setClock(victim, size),
  "rolling-restart": async (_, { workers }) => {
    for (let index = 0; index < workers.count; index += 1) await workers.restart(index);
  },
  "redis-flush": (_, { services }) => tellRedis(services, (redis) => redis.flushall()),
  "redis-restart": async (_, { services }) => {
    await serversOf(services).redis.chaos.kill();
    await serversOf(services).redis.chaos.revive();
  },
  "redis-outage": async ({ forMs }, { services }) => {
    await serversOf(services).redis.chaos.kill();
    await pause(forMs);
    await serversOf(services).redis.chaos.revive();
  },
  "redis-freeze": async ({ forMs }, { services }) => {
    serversOf(services).redis.chaos.freeze();
    await pause(forMs);
    serversOf(services).redis.chaos.thaw();
  },
  "redis-memory": async ({ forMs }, { services }) => {
    await tellRedis(services, (redis) => redis.config("SET", "maxmemory", "1"));
    await pause(forMs);
    await tellRedis(services, (redis) => redis.config("SET", "maxmemory", "0"));
  },
  "postgres-backends": (_, { services }) =>
    tell(serversOf(services).postgres.url, [
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()",
    ]),
  "postgres-restart": async (_, { services }) => {
    await serversOf(services).postgres.chaos.end("immediate");
    await serversOf(services).postgres.chaos.revive();
  },
  "postgres-outage": async ({ forMs }, { services }) => {
    await serversOf(services).postgres.chaos.end("immediate");
    await pause(forMs);
    await serversOf(services).postgres.chaos.revive();
  },
  "disk-full": async ({ forMs }, { services }) => {
    await services.disk?.fill();
    await pause(forMs);
    await services.disk?.free();
  },
  "commit-lost": async ({ size }, { services }) => serversOf(services).proxy.loseCommits(size),
  "link-cut": async (_, { services }) => serversOf(services).proxy.cut(),
  "link-slow": async ({ forMs, size }, { services }) => {
    serversOf(services).proxy.slowDown(size);
    await pause(forMs);
    serversOf(services).proxy.slowDown(0);
  },
  "link-deaf": async ({ forMs }, { services }) => {
    const end = serversOf(services).proxy.deafen();
    await pause(forMs);
    end();
  },
  poison: (_, { load }) => load.startOne(poison),
  "worker-upgrade": ({ victim }, { workers }) => workers.upgrade(victim),
  deploy: (_, { load }) => load.deployNext(),
  "step-flood": (_, { load }) => load.startOne(flooded),
  "step-deluge": (_, { load }) => load.startOne(deluged),
  "step-stuck": async ({ size }, { load }) => {
    await load.startOne(stalled);
    await load.startAndCancel(endless, size);
  },
};

export function inject(fault: Fault, target: Target): Promise<void> {
  return injectors[fault.kind](fault, target);
}

function serversOf({ servers }: Services): Servers {
  if (servers === null) throw new Error("there is no server to be harmed");
  return servers;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

async function tellRedis(
  services: Services,
  what: (redis: Redis) => Promise<unknown>,
): Promise<void> {
  const redis = new Redis(serversOf(services).redis.url, { maxRetriesPerRequest: 1 });
  redis.on("error", () => {});
  try {
    await what(redis);
  } finally {
    redis.disconnect();
  }
}
