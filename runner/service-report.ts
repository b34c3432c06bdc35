import type { Json } from "../plan/expression.ts";
import type { ElectedDuties } from "./elected-duties.ts";
import type { RunnerParts } from "./embedded-runner.ts";
import type { HealthSource } from "./observe/health-server.ts";
import type { Readings, RunMetrics } from "./observe/run-metrics.ts";

/** A store that does not answer within this time counts as away. */
const storeAnswerMs = 2_000;
/** Unexplained runs that are named. */
const maxNamed = 20;
/** Runs that wait for a worker are counted up to here. */
const maxCounted = 1_000;
/** A reading of the store serves everybody who asks within this time. */
const keepMs = 1_000;

interface StoreReading {
  readonly ok: boolean;
  readonly problem: string | null;
  readonly unexplained: readonly string[];
  /** Runs that can go on and that nobody works on, counted up to a limit. */
  readonly runnable: number;
}

/** What a process says about itself. */
export class ServiceReport implements HealthSource {
  readonly options: {
    readonly parts: RunnerParts;
    readonly duties: ElectedDuties | null;
    readonly metrics: RunMetrics | null;
    readonly version: string;
  };
  /** It has been told to stop. */
  draining = false;
  private readonly openedAtMs: number;
  private lastReading: { readonly atMs: number; readonly reading: Promise<StoreReading> } | null =
    null;

  constructor(options: ServiceReport["options"]) {
    this.options = options;
    this.openedAtMs = options.parts.clock.now();
  }

  ready(): boolean {
    return !this.draining;
  }

  async health(): Promise<{ readonly ok: boolean; readonly report: Json }> {
    const { parts, duties, version } = this.options;
    const store = await this.readStore();
    const transport = parts.transport.health();
    const ok = store.ok && store.unexplained.length === 0 && !this.draining;
    const report = {
      status: this.draining ? "draining" : ok ? "ok" : "broken",
      version,
      session: parts.session,
      upMs: Math.round(parts.clock.now() - this.openedAtMs),
      store: { ok: store.ok, problem: store.problem },
      transport: { ...transport, pools: transport.pools.map((pool) => ({ ...pool })) },
      runs: {
        owned: parts.worker.owned,
        runnable: store.runnable,
        unexplained: store.unexplained,
      },
      duties: duties === null ? null : toJson(duties.state()),
    };
    return { ok, report };
  }

  async metrics(): Promise<{ readonly type: string; readonly text: string }> {
    const { metrics } = this.options;
    if (metrics === null) return { type: "text/plain", text: "" };
    return { type: metrics.contentType, text: await metrics.text(await this.readings()) };
  }

  private async readings(): Promise<Readings> {
    const { parts, duties } = this.options;
    const { unexplained, runnable } = await this.readStore();
    const { waiting, queued, connected } = parts.transport.health();
    return {
      active: parts.worker.owned,
      waiting: waiting ?? runnable,
      queued,
      transportConnected: connected,
      unexplained: unexplained.length,
      leading: duties?.leading === true,
      breakers: parts.breakers(),
    };
  }

  private readStore(): Promise<StoreReading> {
    const { clock } = this.options.parts;
    const now = clock.monotonic();
    if (this.lastReading !== null && now - this.lastReading.atMs < keepMs)
      return this.lastReading.reading;
    const reading = this.askStore();
    this.lastReading = { atMs: now, reading };
    return reading;
  }

  private askStore(): Promise<StoreReading> {
    const { store, clock } = this.options.parts;
    return new Promise((resolve) => {
      const away = (problem: string): StoreReading => ({
        ok: false,
        problem,
        unexplained: [],
        runnable: 0,
      });
      const stop = clock.after(storeAnswerMs, () => resolve(away("the store does not answer")));
      void Promise.all([
        store.unexplained(maxNamed),
        store.runnable({ nowMs: clock.now(), limit: maxCounted }),
      ])
        .then(
          ([unexplained, { length: runnable }]) => ({
            ok: true,
            problem: null,
            unexplained,
            runnable,
          }),
          (error: unknown) => away(error instanceof Error ? error.message : String(error)),
        )
        .then((reading) => {
          stop();
          resolve(reading);
        });
    });
  }
}

/** A state of plain data, as JSON. */
function toJson(state: ReturnType<ElectedDuties["state"]>): Json {
  return { ...state, duties: state.duties.map((duty) => ({ ...duty })) };
}
