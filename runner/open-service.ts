import { assert } from "../base/assert.ts";
import type { Json } from "../plan/expression.ts";
import { ElectedDuties } from "./elected-duties.ts";
import { EmbeddedRunner } from "./embedded-runner.ts";
import { openHealthServer, type HealthServer } from "./observe/health-server.ts";
import { openRunner } from "./open-runner.ts";
import type { OperatedRunner } from "./operations-api.ts";
import type { Clock } from "./ports/clock.ts";
import type { AppendedEvents } from "./ports/telemetry.ts";
import type { RunnerOptions } from "./runner-options.ts";
import { ServiceReport } from "./service-report.ts";
import { systemClock } from "./system-clock.ts";

/** How long the end of the duties is waited for. */
const resignMs = 1_000;

export interface ServiceOptions extends RunnerOptions {
  /** For `/health`. */
  readonly version: string;
  /** Whether this process stands for election to do the duties. */
  readonly duties: boolean;
  /** Where `/live`, `/ready`, `/health` and `/metrics` are served; null: nowhere. */
  readonly healthAt: { readonly host: string; readonly port: number } | null;
}

/** A runner as a process of its own, which an operator can look into. */
export interface Service {
  readonly runner: OperatedRunner;
  /** Null when there is none. */
  readonly healthPort: number | null;
  /** How the service is, as `/health` tells it. */
  health(): Promise<{ readonly ok: boolean; readonly report: Json }>;
  /**
   * Takes no more work, waits for what is under way for `graceMs`, gives its runs back so that others go on with them, and
   * closes. While it waits, `/ready` says no and `/live` yes.
   */
  drain(options: { readonly graceMs: number }): Promise<void>;
}

/**
 * Opens a runner, the duties and the health port of a process that runs until it is told to stop.
 *
 * @throws what `openRunner` throws; Error when the health port can't be used.
 */
export async function openService(options: ServiceOptions): Promise<Service> {
  const { version, healthAt, clock = systemClock, telemetry = { log: () => {} } } = options;
  // Its modules take as long to load as all others, and a process without the port needs none of them.
  const metrics =
    healthAt === null ? null : new (await import("./observe/run-metrics.ts")).RunMetrics();
  const counted =
    metrics === null
      ? telemetry
      : {
          log: telemetry.log.bind(telemetry),
          appended: (batch: AppendedEvents) => metrics.appended(batch),
          flushed: (writes: number) => metrics.flushed(writes),
        };
  const runner = await openRunner({ ...options, telemetry: counted });
  assert(runner instanceof EmbeddedRunner, "a service needs the runner of this process");
  const { store, session } = runner.parts;
  const duties = options.duties
    ? new ElectedDuties({
        election: store.election,
        clock,
        telemetry,
        owner: session,
        duties: runner.operations.duties,
      })
    : null;
  const report = new ServiceReport({ parts: runner.parts, duties, metrics, version });
  let server: HealthServer | null = null;
  try {
    if (healthAt !== null) server = await openHealthServer({ ...healthAt, source: report });
  } catch (error) {
    await runner.close({ graceMs: 0 });
    throw error;
  }
  await duties?.open();
  return {
    runner,
    healthPort: server?.port ?? null,
    health: () => report.health(),
    async drain({ graceMs }) {
      report.draining = true;
      // A store that is away must not take the time from what is under way.
      if (duties !== null) await within(resignMs, duties.close(), clock);
      await runner.close({ graceMs });
      await server?.close();
    },
  };
}

/** Resolves with the work, or after that time. */
async function within(ms: number, work: Promise<void>, clock: Clock): Promise<void> {
  let stop = (): void => {};
  const late = new Promise<void>((resolve) => {
    stop = clock.after(ms, resolve);
  });
  await Promise.race([work, late]);
  stop();
}
