import type { Redis } from "ioredis";

import type { Notice, Transport, TransportHealth } from "../ports/transport.ts";
import { TransportError } from "../ports/transport-error.ts";
import { beatRedis, type Beat, type PoolCrew } from "./bullmq-beat.ts";
import { checkRedis } from "./bullmq-check.ts";
import { commandClient } from "./bullmq-clients.ts";
import { ActivationConsumer, type Hearing } from "./bullmq-consumer.ts";
import { HintChannel } from "./bullmq-hints.ts";
import { ActivationProducer } from "./bullmq-producer.ts";
import {
  defaultConcurrency,
  defaultPool,
  type BullmqOptions,
  type RedisSettings,
} from "./redis-settings.ts";
import { PollingTransport } from "./polling-transport.ts";
import { Reconciler } from "./reconciler.ts";
import { RedisCircuit } from "./redis-circuit.ts";

/** How often Redis is asked how it is. */
const beatMs = 500;
/** How often it is asked while notices wait for room in the queue. */
const hurriedBeatMs = 25;
/** Notices in the queue for each place of a worker: enough that none idles, few enough that Redis stays small. */
const noticesPerPlace = 2;
const minWindow = 100;
/** The same complaint is logged once in this time. */
const logEveryMs = 10_000;

type Listener = (run: string) => Promise<boolean> | void;

/**
 * Carries runs to workers in any process as jobs of BullMQ, which hold a run's id and nothing else. While Redis fails,
 * the store is polled instead; when it is back, everything that talks to it begins anew.
 */
export class BullmqTransport implements Transport {
  readonly handsOut = true;
  private readonly options: BullmqOptions;
  private readonly settings: RedisSettings;
  private readonly client: Redis;
  private readonly circuit: RedisCircuit;
  private readonly producer: ActivationProducer;
  private readonly consumers: readonly ActivationConsumer[];
  private readonly hints: HintChannel;
  private readonly fallback: PollingTransport;
  private readonly reconciler: Reconciler;
  private readonly listeners = new Set<Listener>();
  private readonly logged = new Map<string, number>();
  private readonly closings: Promise<void>[] = [];
  /** Of each pool, how many notices had been sent when the last beat began. */
  private sentBefore: ReadonlyMap<string, number> = new Map();
  private beat: Beat = { leads: false, lost: false, generation: -1, pools: [] };
  private known = -1;
  private beating: Promise<void> | undefined;
  private stopBeat: (() => void) | undefined;
  private nextBeatMs = Infinity;
  private hurryMs = hurriedBeatMs;
  private closed = false;
  private lastReceivedAtMs: number | null = null;

  private constructor(
    options: BullmqOptions,
    ground: {
      readonly client: Redis;
      readonly problem: string | null;
      readonly hearing: Hearing | undefined;
    },
  ) {
    const { settings, clock, store, random, name } = options;
    const { concurrency = defaultConcurrency, pools = [defaultPool] } = settings;
    const { client, problem, hearing } = ground;
    this.options = options;
    this.settings = settings;
    this.client = client;
    this.circuit = new RedisCircuit({ clock, problem, onChange: (open) => this.turn(open) });
    this.producer = new ActivationProducer({
      client,
      settings,
      room: (pool) => this.room(pool),
      crew: (pool) => this.crewOf(pool) ?? { processes: 0, places: 0 },
      onFull: () => this.beatIn(this.hurryMs),
      onFailure: (error) => this.failed(error),
    });
    this.consumers = pools.map(
      (pool) =>
        new ActivationConsumer({
          settings,
          pool,
          concurrency,
          clock,
          name,
          handle: (run, flow) => this.handle(run, { flow, pool }),
          giveBack: (run, flow) => this.notify(run, { flow, pool, turn: 1 }),
          onError: (message) => this.complain(pool, message),
          onDeaf: (deaf) =>
            this.log("warn", `nothing arrives from pool ${deaf} any more; connecting anew`),
          hearing,
        }),
    );
    this.hints = new HintChannel({ settings, client, name });
    this.fallback = new PollingTransport({
      store,
      clock,
      random,
      places: () => concurrency * pools.length - this.received,
      onFault: (error) => this.log("error", `the store could not be asked: ${textOf(error)}`),
    });
    this.fallback.pause();
    this.reconciler = new Reconciler({
      store,
      transport: this,
      clock,
      isLeader: () => this.leads,
      refresh: () => this.beatNow(),
      onFault: (error) => this.log("error", `the store could not be asked: ${textOf(error)}`),
    });
    this.reconciler.open();
  }

  /**
   * @throws TransportError when Redis refuses us or does not suit, and when it can't be reached and nothing else is wanted.
   */
  static async open(options: BullmqOptions, hearing?: Hearing): Promise<BullmqTransport> {
    const { settings, telemetry, name } = options;
    const { url, eviction = "refuse", whenUnreachable = "poll" } = settings;
    const client = commandClient(url, name);
    let problem: string | null = null;
    try {
      const { warning } = await checkRedis(client, { url, eviction });
      if (warning !== null) telemetry.log({ level: "warn", message: warning });
    } catch (error) {
      const bearable = error instanceof TransportError && error.kind === "unreachable";
      if (!bearable || whenUnreachable === "refuse") {
        client.disconnect();
        throw error;
      }
      problem = error.message;
      telemetry.log({ level: "error", message: problem });
    }
    const transport = new BullmqTransport(options, { client, problem, hearing });
    client.on("close", () => {
      if (!transport.closed) transport.circuit.failed("the connection to Redis was closed");
    });
    if (problem === null) await transport.beatNow();
    else transport.fallback.resume();
    transport.beatIn(beatMs);
    return transport;
  }

  /** Whether this process looks after what nobody took. */
  get leads(): boolean {
    return this.settings.isLeader?.() ?? (this.beat.leads && !this.circuit.isOpen);
  }

  notify(run: string, notice: Notice = {}): void {
    if (this.closed) return;
    if (this.circuit.isOpen) this.fallback.notify(run);
    else this.producer.add(run, notice);
  }

  receive(listener: Listener): () => void {
    this.listeners.add(listener);
    const stopFallback = this.fallback.receive(listener);
    if (!this.circuit.isOpen) for (const consumer of this.consumers) consumer.open();
    this.beatIn(0);
    return () => {
      this.listeners.delete(listener);
      stopFallback();
      if (this.listeners.size > 0) return;
      for (const consumer of this.consumers) this.closings.push(consumer.close());
    };
  }

  nudge(): void {
    if (this.circuit.isOpen) this.fallback.nudge();
    else this.reconciler.nudge();
  }

  cancelHint(run: string): void {
    this.hints.send(run);
  }

  receiveCancelHints(listener: (run: string) => void): () => void {
    return this.hints.receive(listener);
  }

  async drain(): Promise<void> {
    await this.producer.drain();
  }

  health(): TransportHealth {
    const open = this.circuit.isOpen;
    const polled = this.fallback.health();
    const { pools } = this.beat;
    return {
      ok: !open && this.circuit.problem === null,
      mode: open ? "polling" : "redis",
      connected: this.client.status === "ready",
      queued: this.producer.queued,
      waiting: open ? null : pools.reduce((sum, { waiting }) => sum + waiting, 0),
      room: open ? null : Math.max(0, this.room(defaultPool)),
      active: this.received + polled.active,
      lastReceivedAtMs: Math.max(this.lastReceivedAtMs ?? 0, polled.lastReceivedAtMs ?? 0) || null,
      problem: this.circuit.problem ?? (open ? polled.problem : null),
      pools: open ? [] : pools.map(({ processes: _, ...pool }) => pool),
    };
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.stopBeat?.();
    this.circuit.close();
    await this.beating;
    await this.reconciler.close();
    await this.producer.drain();
    this.listeners.clear();
    await Promise.all([
      ...this.closings,
      ...this.consumers.map((consumer) => consumer.close()),
      this.fallback.close(),
    ]);
    this.hints.close();
    await this.producer.close();
    this.client.disconnect();
  }

  private get received(): number {
    return this.consumers.reduce((sum, { active }) => sum + active, 0);
  }

  private async handle(run: string, notice: Notice): Promise<void> {
    if (this.listeners.size === 0) {
      // It came while this process was leaving.
      this.notify(run, { ...notice, turn: 1 });
      return;
    }
    this.lastReceivedAtMs = this.options.clock.now();
    const results = [...this.listeners].map(async (listener) => listener(run));
    await Promise.all(results).catch((error: unknown) => this.log("error", textOf(error)));
  }

  private room(pool: string): number {
    const known = this.crewOf(pool);
    const window = Math.max(minWindow, (known?.places ?? 0) * noticesPerPlace);
    const since = (this.producer.sent.get(pool) ?? 0) - (this.sentBefore.get(pool) ?? 0);
    return window - (known?.waiting ?? 0) - since;
  }

  private crewOf(pool: string): PoolCrew | undefined {
    return this.beat.pools.find((entry) => entry.name === pool);
  }

  private turn(open: boolean): void {
    if (open) {
      this.log("warn", `${this.circuit.problem ?? "Redis fails"}; runs are found by polling`);
      this.producer.forget();
      for (const consumer of this.consumers) consumer.drop();
      this.fallback.resume();
      return;
    }
    this.log("info", "Redis is back");
    this.fallback.pause();
    this.hints.renew();
    if (this.listeners.size > 0) for (const consumer of this.consumers) consumer.open();
  }

  /** The next beat comes after this time, or before if it was to come before. */
  private beatIn(delayMs: number): void {
    const { clock } = this.options;
    const atMs = clock.monotonic() + delayMs;
    if (this.closed || atMs >= this.nextBeatMs) return;
    this.stopBeat?.();
    this.nextBeatMs = atMs;
    this.stopBeat = clock.after(delayMs, () => {
      this.nextBeatMs = Infinity;
      void this.beatNow().then(() => this.beatIn(this.pace()));
    });
  }

  /** Often while notices wait for room, less and less so while there is none. */
  private pace(): number {
    const waits = this.producer.queued > 0 && !this.circuit.isOpen;
    const moves = this.beat.pools.some(({ name }) => this.room(name) > 0);
    this.hurryMs = moves ? hurriedBeatMs : Math.min(beatMs, this.hurryMs * 2);
    return waits ? this.hurryMs : beatMs;
  }

  private beatNow(): Promise<void> {
    this.beating ??= this.beatOnce().finally(() => {
      this.beating = undefined;
    });
    return this.beating;
  }

  private async beatOnce(): Promise<void> {
    const { clock, name } = this.options;
    const { pools = [defaultPool], concurrency = defaultConcurrency, isLeader } = this.settings;
    const works = this.listeners.size > 0;
    const leads = isLeader === undefined ? (works ? "elect" : "no") : isLeader() ? "yes" : "no";
    const served = new Map([...this.producer.sent.keys(), defaultPool].map((pool) => [pool, 0]));
    if (works) for (const pool of pools) served.set(pool, concurrency);
    const sent = new Map(this.producer.sent);
    const beganMs = clock.monotonic();
    try {
      const request = { name, leads, known: this.known, pools: served } as const;
      const beat = await beatRedis(this.client, this.settings, request);
      this.beat = beat;
      this.sentBefore = sent;
      this.circuit.succeeded();
      this.heard(beat);
    } catch (error) {
      this.failed(error, beganMs);
    }
  }

  private heard(beat: Beat): void {
    if (beat.lost && beat.leads) {
      // A Redis that was never used has lost nothing, but runs may wait all the same.
      if (this.known >= 0)
        this.log("warn", "Redis does not have what it had; every run that is ready is sent again");
      this.reconciler.redispatch();
    }
    if (!beat.lost || beat.leads) this.known = beat.generation;
    for (const consumer of this.consumers) {
      const pool = this.crewOf(consumer.options.pool);
      if (pool !== undefined) consumer.checkHearing(pool);
    }
    this.producer.flush();
  }

  private failed(error: unknown, sinceMs?: number): void {
    if (!this.closed) this.circuit.failed(`Redis: ${textOf(error)}`, sinceMs);
  }

  /** A job that is gone was wiped, or given to another process: the run knows nothing of it. */
  private complain(pool: string, message: string): void {
    const text = message.replaceAll(/\brun-\S+/g, "…");
    const level = /^Missing (key|lock)|could not renew lock/i.test(message) ? "debug" : "warn";
    this.log(level, `the queue of pool ${pool}: ${text}`);
  }

  private log(level: "debug" | "info" | "warn" | "error", message: string): void {
    const nowMs = this.options.clock.monotonic();
    const lastMs = this.logged.get(message);
    if (this.closed || (lastMs !== undefined && nowMs - lastMs < logEveryMs)) return;
    if (this.logged.size > 100) this.logged.clear();
    this.logged.set(message, nowMs);
    this.options.telemetry.log({ level, message });
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
