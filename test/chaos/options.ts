import { parseArgs } from "node:util";

import { faultKinds, type FaultKind } from "./faults.ts";

export interface ChaosOptions {
  readonly seed: number;
  /** How long there are load and faults; what comes after is as long as it takes to come to rest. */
  readonly forMs: number;
  readonly faults: readonly FaultKind[];
  readonly workers: number;
  /** Without Redis, workers look into the store; `file`: a SQLite file that they share, without any server. */
  readonly transport: "redis" | "polling" | "file";
  /** Runs started a second. */
  readonly perSecond: number;
}

/** Without servers, and with one clock, which processes on one machine share. */
const fileFaults: ReadonlySet<FaultKind> = new Set([
  "worker-kill",
  "worker-freeze",
  "worker-pause",
  "rolling-restart",
  "disk-full",
  "poison",
  "worker-upgrade",
  "deploy",
  "step-flood",
  "step-deluge",
  "step-stuck",
]);

export const defaults = { forMs: 60_000, workers: 3, perSecond: 6 } as const;

export const usage = `usage: npm run chaos -- [options]
  --seconds <n>, --minutes <n>   how long there are load and faults; 60 s unless told
  --seed <n>                     the same seed gives the same faults and the same load; by the clock unless told
  --faults <a,b>                 only these: ${faultKinds.join(", ")}
  --transport <redis|polling|file>
                                 how workers learn what is to do: redis unless told; by looking into PostgreSQL;
                                 by looking into a SQLite file that they share
  --workers <n>                  worker processes; ${defaults.workers} unless told
  --rate <n>                     runs started a second; ${defaults.perSecond} unless told
  --verbose                      shows what workers say, too
  --repeat                       all seeds that ever failed, one after the other`;

/** @throws Error that says what is wrong with the arguments. */
export function parseOptions(
  args: readonly string[],
  seed: number,
): ChaosOptions & { readonly repeat: boolean; readonly verbose: boolean } {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: "string" },
      minutes: { type: "string" },
      seed: { type: "string" },
      faults: { type: "string" },
      transport: { type: "string" },
      workers: { type: "string" },
      rate: { type: "string" },
      verbose: { type: "boolean" },
      repeat: { type: "boolean" },
    },
  });
  const number = (name: string, text: string | undefined): number | undefined => {
    if (text === undefined) return undefined;
    const value = Number(text);
    if (!(value > 0)) throw new Error(`--${name} needs a number above 0, not "${text}"`);
    return value;
  };
  const minutes = number("minutes", values.minutes);
  const seconds =
    number("seconds", values.seconds) ?? (minutes === undefined ? undefined : minutes * 60);
  const transport = values.transport ?? "redis";
  if (transport !== "redis" && transport !== "polling" && transport !== "file")
    throw new Error(`--transport is redis, polling or file, not "${transport}"`);
  const possible = faultKinds.filter((kind) => transport !== "file" || fileFaults.has(kind));
  const faults = values.faults === undefined ? possible : values.faults.split(",").map(faultKind);
  const impossible = faults.filter((kind) => !possible.includes(kind));
  if (impossible.length > 0)
    throw new Error(`a file has no ${impossible.join(", ")}; it has ${possible.join(", ")}`);
  return {
    seed: number("seed", values.seed) ?? seed,
    forMs: seconds === undefined ? defaults.forMs : seconds * 1_000,
    faults,
    workers: number("workers", values.workers) ?? defaults.workers,
    transport,
    perSecond: number("rate", values.rate) ?? defaults.perSecond,
    repeat: values.repeat === true,
    verbose: values.verbose === true,
  };
}

function faultKind(text: string): FaultKind {
  const kind = faultKinds.find((known) => known === text.trim());
  if (kind === undefined)
    throw new Error(`there is no fault "${text}"; there are ${faultKinds.join(", ")}`);
  return kind;
}
