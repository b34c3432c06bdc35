import { growHeapSlowly, openService } from "../../runner/index.ts";
import type { Service, Telemetry, TransportSettings } from "../../runner/index.ts";
import type { Invocation } from "../command-spec.ts";
import { exitCodes } from "../exit-codes.ts";
import { packageVersion } from "../package-version.ts";
import { makeHome } from "../project/make-home.ts";
import { storePath } from "../project/store-path.ts";
import { unservedTriggers } from "../project/unserved-triggers.ts";
import type { Settings } from "../settings/settings.ts";
import { hideSecrets } from "../settings/settings-problem.ts";
import { UserMistake } from "../user-mistake.ts";
import { logLines } from "./log-lines.ts";
import { orMistake } from "./service-mistake.ts";
import type { LoadedService } from "./load-service.ts";
import { untilToldToStop } from "./until-told-to-stop.ts";

/** What a process does. */
export interface Role {
  /** As its log calls it: `worker`. */
  readonly name: string;
  readonly work: "all" | "none";
  readonly duties: boolean;
  /** Whether all there is happens in this process, unless the settings name Redis. */
  readonly alone: boolean;
}

/** Kept back from the time to drain, for closing what is open. */
const closingMs = 1_000;

/** Runs a process until it is told to stop, and gives its exit code. */
export async function serve(
  invocation: Invocation,
  { settings, programs }: LoadedService,
  role: Role,
): Promise<number> {
  const { environment, terminal, options } = invocation;
  growHeapSlowly();
  const telemetry = logLines(terminal, settings.log);
  const stop = untilToldToStop();
  const store = settings.store.url ?? storePath(undefined, environment);
  makeHome(store);
  const service = await orMistake(
    openService({
      store,
      variables: environment.variables,
      folder: environment.folder,
      work: role.work,
      duties: role.duties,
      transport: transportOf(settings, role),
      maxRuns: settings.limits.runs,
      maxModelCalls: settings.limits.modelCalls,
      maxQueued: settings.limits.queueDepth,
      maxValueBytes: settings.limits.valueBytes,
      retention: settings.retention,
      telemetry,
      version: packageVersion(),
      healthAt:
        settings.health.port === null
          ? null
          : { host: settings.health.host, port: settings.health.port },
      ...(options.on("mock") ? { models: { kind: "mock" as const } } : {}),
    }),
  );
  try {
    for (const { program, plan, folder } of programs) {
      const named = settings.environment === null ? {} : { environment: settings.environment };
      const deployed = await persist(() =>
        service.runner.operations.deploy({ program, plan, folder, ...named }),
      );
      if (!deployed.ok) throw new UserMistake(`${program} can't be served: ${deployed.message}`);
      const { cron, events } = deployed;
      const fields = { program, schedules: cron.length, topics: events.length };
      telemetry.log({ level: "info", message: `serves ${program}`, fields });
      const others = unservedTriggers(plan);
      if (others.length > 0)
        telemetry.log({
          level: "warn",
          message: `does not serve ${others.join(", ")}; runs are started by \`on cron\` and \`on event\``,
          fields: { program },
        });
    }
    telemetry.log({
      level: "info",
      message: `agentflow ${role.name} is ready`,
      fields: {
        store: hideSecrets(store),
        redis: settings.redis.url === null ? null : hideSecrets(settings.redis.url),
        healthPort: service.healthPort,
      },
    });
    await stop.first;
  } catch (error) {
    await service.drain({ graceMs: 0 });
    throw error;
  }
  return await drained(service, { telemetry, stop, drainMs: settings.worker.drainMs });
}

async function drained(
  service: Service,
  {
    telemetry,
    stop,
    drainMs,
  }: {
    readonly telemetry: Telemetry;
    readonly stop: ReturnType<typeof untilToldToStop>;
    readonly drainMs: number;
  },
): Promise<number> {
  telemetry.log({
    level: "info",
    message: "told to stop: takes no more work, and waits for what is under way",
    fields: { drainMs },
  });
  const outcome = await Promise.race([
    service.drain({ graceMs: Math.max(0, drainMs - closingMs) }).then(() => "drained" as const),
    stop.second.then(() => "again" as const),
    stop.after(drainMs + closingMs).then(() => "late" as const),
  ]);
  if (outcome === "drained") {
    telemetry.log({ level: "info", message: "stopped; others go on with its runs" });
    return exitCodes.ok;
  }
  const why = outcome === "again" ? "told again to stop" : "what is open can't be closed";
  telemetry.log({
    level: "warn",
    message: `${why}: stops at once; its leases run out by themselves`,
  });
  return outcome === "again" ? exitCodes.interrupted : exitCodes.failed;
}

function transportOf(settings: Settings, role: Role): TransportSettings {
  const { redis, worker } = settings;
  const { concurrency, pools } = worker;
  if (redis.url !== null)
    return { kind: "redis", url: redis.url, prefix: redis.prefix, pools, concurrency };
  return role.alone ? { kind: "in-process" } : { kind: "polling", concurrency };
}

/** Another process may deploy in the same moment. Both serve what they were told to: the last one holds. */
async function persist<T extends { readonly ok: boolean; readonly code?: string }>(
  deploy: () => Promise<T>,
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    const answer = await deploy();
    if (answer.ok || answer.code !== "conflict" || tries === maxTries) return answer;
  }
}

const maxTries = 20;
