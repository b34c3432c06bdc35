import { resolve } from "node:path";

import { parseDuration } from "../../base/duration.ts";
import { isPostgresUrl } from "../../runner/index.ts";
import type { Environment } from "../environment.ts";
import type { SettingsFile } from "./find-settings.ts";
import { settingsTable } from "./settings-table.ts";

/** The settings of a process, checked. */
export interface Settings {
  readonly environment: string | null;
  /** `url`: of PostgreSQL, or the absolute path of a file; null when nothing was said. */
  readonly store: { readonly url: string | null };
  readonly redis: { readonly url: string | null; readonly prefix: string };
  readonly worker: {
    readonly concurrency: number;
    readonly pools: readonly string[];
    readonly drainMs: number;
  };
  readonly scheduler: { readonly enabled: boolean };
  readonly limits: {
    readonly runs: number;
    readonly modelCalls: number;
    readonly queueDepth: number;
    readonly valueBytes: number;
  };
  /** Milliseconds; null: for ever. */
  readonly retention: {
    readonly runsMs: number | null;
    readonly ticksMs: number | null;
    readonly eventsMs: number | null;
    readonly filesMs: number | null;
  };
  /** `port` null: none. */
  readonly health: { readonly host: string; readonly port: number | null };
  readonly log: { readonly level: LogLevel; readonly format: "auto" | "json" | "text" };
  /** Absolute paths of files and folders. */
  readonly programs: readonly string[];
}

export type LogLevel = "debug" | "info" | "warn" | "error";

/** Where a setting comes from. */
export interface Source {
  /** Undefined: the default holds. */
  readonly value: unknown;
  readonly name: string;
  /** Paths are meant from the current folder, not from that of the file. */
  readonly isOverride: boolean;
}

/** Puts checked values together. */
export function toSettings(
  sources: ReadonlyMap<string, Source>,
  { file, environment }: { readonly file: SettingsFile | null; readonly environment: Environment },
): Settings {
  // The schema has seen to the types.
  const get = <T>(key: string): T => {
    const fallback = settingsTable.find((row) => row.key === key)?.fallback;
    return (sources.get(key)?.value ?? fallback ?? null) as T;
  };
  const from = (key: string, path: string): string => {
    const isOverride = sources.get(key)?.isOverride === true;
    return resolve(isOverride || file === null ? environment.folder : file.folder, path);
  };
  const url = get<string | null>("store.url");
  return {
    environment: get("environment"),
    store: { url: url === null || isPostgresUrl(url) ? url : from("store.url", url) },
    redis: { url: get("redis.url"), prefix: get("redis.prefix") },
    worker: {
      concurrency: get("worker.concurrency"),
      pools: get("worker.pools"),
      drainMs: parseDuration(get("worker.drain")) ?? 0,
    },
    scheduler: { enabled: get("scheduler.enabled") },
    limits: {
      runs: get("limits.runs"),
      modelCalls: get("limits.modelCalls"),
      queueDepth: get("limits.queueDepth"),
      valueBytes: get("limits.valueBytes"),
    },
    retention: {
      runsMs: parseDuration(get("retention.runs")) ?? null,
      ticksMs: parseDuration(get("retention.ticks")) ?? null,
      eventsMs: parseDuration(get("retention.events")) ?? null,
      filesMs: parseDuration(get("retention.files")) ?? null,
    },
    health: { host: get("health.host"), port: get("health.port") },
    log: { level: get("log.level"), format: get("log.format") },
    programs: get<readonly string[]>("programs").map((path) => from("programs", path)),
  };
}
