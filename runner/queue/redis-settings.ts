import type { Clock } from "../ports/clock.ts";
import type { Random } from "../ports/random.ts";
import type { Store } from "../ports/store.ts";
import type { Telemetry } from "../ports/telemetry.ts";

/** What an operator says about Redis. */
export interface RedisSettings {
  /** As `redis://user:password@host:6379/0`; `rediss:` for TLS. */
  readonly url: string;
  /** In front of all keys; "agentflow" unless told. It becomes a hash tag, so that a cluster keeps them together. */
  readonly prefix?: string;
  /** Pools that this process works for; "default" unless told. */
  readonly pools?: readonly string[];
  /** Runs that this process takes at once from each pool; 100 unless told. */
  readonly concurrency?: number;
  /**
   * What to do about a Redis that may evict keys, which costs time whenever it does, though never a run: "refuse" to
   * start, unless told.
   */
  readonly eviction?: "refuse" | "warn";
  /** What to do when Redis can't be reached at the start: "poll" the store until it can, unless told. */
  readonly whenUnreachable?: "poll" | "refuse";
  /**
   * Whether this process is the one that looks after what nobody took. Without it, processes agree on one through
   * Redis itself, because two of them do no harm.
   */
  readonly isLeader?: () => boolean;
}

/** What the transport on Redis needs from the process around it. */
export interface BullmqOptions {
  readonly settings: RedisSettings;
  readonly store: Pick<Store, "runnable" | "head">;
  readonly clock: Clock;
  readonly random: Pick<Random, "unit">;
  readonly telemetry: Telemetry;
  /** Of this process, unique. */
  readonly name: string;
}

export const defaultPool = "default";
export const defaultConcurrency = 100;

/** The prefix as a hash tag: `{agentflow}`. */
export function keyPrefix({ prefix = "agentflow" }: RedisSettings): string {
  return `{${prefix.replaceAll(/[{}]/g, "")}}`;
}

/** Name of a pool's queue, as dashboards show it. BullMQ allows no colon in it. */
export function queueName(pool: string): string {
  const base = "agentflow-activations";
  return pool === defaultPool ? base : `${base}-${encodeURIComponent(pool)}`;
}
