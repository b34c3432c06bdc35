import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from "prom-client";

import type { AppendedEvents } from "../ports/telemetry.ts";
import { ActivityClock } from "./activity-clock.ts";

/** What is read when somebody asks, rather than counted as it happens. */
export interface Readings {
  /** Runs that this process owns. */
  readonly active: number;
  /** Runs that could go on if there were more places, of all processes. */
  readonly waiting: number;
  /** Notices that have not left this process. */
  readonly queued: number;
  readonly transportConnected: boolean;
  /** Runs that have no reason to stand still. */
  readonly unexplained: number;
  readonly leading: boolean;
  readonly breakers: readonly { readonly name: string; readonly open: boolean }[];
}

const stepSeconds = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
const batchSizes = [1, 2, 3, 5, 10, 25, 50, 100, 250];

/** The metrics of one process, in the format of Prometheus. `docs/operations.md` lists them. */
export class RunMetrics {
  readonly registry = new Registry();
  private readonly clock = new ActivityClock();
  private readonly counters = countersIn(this.registry);
  private readonly gauges = gaugesIn(this.registry);

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  appended({ run, flow, events, deadLetters }: AppendedEvents): void {
    const { started, ended, letters, retries, batch } = this.counters;
    batch.observe(events.length);
    if (deadLetters > 0) letters.inc({ flow }, deadLetters);
    for (const event of events) {
      if (event.kind === "run.started") started.inc({ flow });
      else if (event.kind === "run.ended") ended.inc({ flow, status: event.status });
      else if (event.kind === "activity.started" && event.attempt > 1)
        retries.inc({ kind: event.activity, callee: event.callee });
      this.count(run, event);
    }
  }

  flushed(writes: number): void {
    this.counters.flush.observe(writes);
  }

  private count(run: string, event: AppendedEvents["events"][number]): void {
    const activity = this.clock.take(run, event);
    if (activity === null) return;
    const { duration, failures, latency, tokens, cost } = this.counters;
    const { kind, callee, model, seconds, failure } = activity;
    duration.observe({ kind, callee }, seconds);
    if (failure !== null) failures.inc({ kind, callee, code: failure });
    if (model === null) return;
    latency.observe({ model }, seconds);
    tokens.inc({ model, direction: "in" }, activity.tokensIn);
    tokens.inc({ model, direction: "out" }, activity.tokensOut);
    cost.inc({ model }, activity.cost);
  }

  /** All of them, as a scraper reads them. */
  async text(readings: Readings): Promise<string> {
    const { active, waiting, queued, connected, unexplained, leader, breakers } = this.gauges;
    active.set(readings.active);
    waiting.set(readings.waiting);
    queued.set(readings.queued);
    connected.set(readings.transportConnected ? 1 : 0);
    unexplained.set(readings.unexplained);
    leader.set(readings.leading ? 1 : 0);
    breakers.reset();
    for (const { name, open } of readings.breakers) breakers.set({ name }, open ? 1 : 0);
    return this.registry.metrics();
  }

  get contentType(): string {
    return this.registry.contentType;
  }
}

function countersIn(registry: Registry) {
  const registers = [registry];
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
    new Counter({ name: `agentflow_${name}`, help, labelNames, registers });
  const histogram = <Label extends string>(
    name: string,
    help: string,
    shape: { readonly buckets: number[]; readonly labelNames: Label[] },
  ) => new Histogram({ name: `agentflow_${name}`, help, ...shape, registers });
  return {
    started: counter("runs_started_total", "Runs that began here.", ["flow"]),
    ended: counter("runs_ended_total", "Runs that ended here.", ["flow", "status"]),
    letters: counter("dead_letters_total", "Dead letters written here.", ["flow"]),
    retries: counter("activity_retries_total", "Attempts after the first.", ["kind", "callee"]),
    failures: counter("activity_failures_total", "Attempts that failed.", [
      "kind",
      "callee",
      "code",
    ]),
    duration: histogram("activity_duration_seconds", "From the start of an attempt to its end.", {
      buckets: stepSeconds,
      labelNames: ["kind", "callee"],
    }),
    latency: histogram("model_request_duration_seconds", "From a request to the whole answer.", {
      buckets: stepSeconds,
      labelNames: ["model"],
    }),
    tokens: counter("model_tokens_total", "Tokens sent and received.", ["model", "direction"]),
    cost: counter("model_cost_dollars_total", "What models cost.", ["model"]),
    flush: histogram("flush_writes", "Writes that the store made durable at once.", {
      buckets: batchSizes,
      labelNames: [],
    }),
    batch: histogram("append_events", "Events that one run made durable at once.", {
      buckets: batchSizes,
      labelNames: [],
    }),
  };
}

function gaugesIn(registry: Registry) {
  const gauge = <Label extends string>(name: string, help: string, labelNames: Label[] = []) =>
    new Gauge({ name: `agentflow_${name}`, help, labelNames, registers: [registry] });
  return {
    active: gauge("runs_active", "Runs that this process owns."),
    waiting: gauge("queue_waiting", "Runs that wait for a worker, of all processes."),
    queued: gauge("transport_queued", "Notices that have not left this process."),
    connected: gauge("transport_connected", "1 while the transport works as it should."),
    unexplained: gauge("runs_unexplained", "Unfinished runs that wait for nothing; always 0."),
    leader: gauge("duties_leader", "1 in the process that does the duties."),
    breakers: gauge("breaker_open", "1 while a circuit breaker refuses calls.", ["name"]),
  };
}
