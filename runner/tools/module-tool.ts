import { stat } from "node:fs/promises";
import { pathToFileURL } from "node:url";

import type { Json } from "../../plan/expression.ts";
import { failure, type CallOutcome } from "../ports/call-outcome.ts";
import type { Files } from "../ports/files.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import type { ModulePort } from "../ports/tool.ts";
import { builtInModule } from "./built-in-module.ts";
import { CallSlots } from "./call-slots.ts";
import { fileMark, type ReturnedFile } from "./module-message.ts";
import { ModulePool } from "./module-pool.ts";
import { ModuleProcess, type ModuleLimits } from "./module-process.ts";

export interface ModuleToolOptions {
  readonly files: Files;
  readonly telemetry: Telemetry;
  /** Processes at work at once over all modules; further calls wait. 8 unless told. */
  readonly maxProcesses?: number;
  readonly limits?: Partial<ModuleLimits>;
}

const defaultLimits: ModuleLimits = {
  maxMemoryMb: 512,
  maxJsonLength: 16_000_000,
  maxFileBytes: 64 * 1024 * 1024,
  graceMs: 250,
};
/**
 * Calls functions of modules as `fn(input, { signal, secrets, idempotencyKey })`, one call at a time per
 * process, so a call that blocks holds up nobody but itself.
 */
export function moduleTool(options: ModuleToolOptions): ModulePort {
  const limits = { ...defaultLimits, ...options.limits };
  const maxProcesses = options.maxProcesses ?? 8;
  const slots = new CallSlots(maxProcesses);
  const pool = new ModulePool({
    most: 2 * maxProcesses,
    start: (moduleUrl, module) =>
      new ModuleProcess({
        moduleUrl,
        limits,
        print: (text) =>
          options.telemetry.log({ level: "debug", message: text.trimEnd(), fields: { module } }),
      }),
  });

  return {
    async call(call, { signal }) {
      const url = await moduleUrl(call.module);
      if (!(await slots.take(signal))) return failure("cancelled", `${call.function} was stopped`);
      const host = pool.take(url, call.module);
      try {
        const outcome = await host.call(call, signal);
        return outcome.ok ? await unpack(outcome, options.files) : outcome;
      } finally {
        slots.giveBack();
        pool.giveBack(url, host);
      }
    },
    async check({ module }) {
      if (builtInModule(module) !== undefined) return null;
      if (!module.startsWith("/") && !/^[A-Za-z]:[\\/]/.test(module)) {
        return `there is no built-in module ${module}`;
      }
      const found = await stat(module).then(
        (entry) => entry.isFile(),
        () => false,
      );
      return found ? null : `the file ${module} does not exist`;
    },
    close: () => pool.close(),
  };
}

/** With the file's time of change, so an edited module is loaded anew. */
async function moduleUrl(module: string): Promise<string> {
  const builtIn = builtInModule(module);
  if (builtIn !== undefined) return builtIn.href;
  const version = await stat(module).then(
    (entry) => entry.mtimeMs,
    () => 0,
  );
  return `${pathToFileURL(module).href}?v=${version}`;
}

async function unpack(
  returned: { readonly json: string; readonly files: readonly ReturnedFile[] },
  files: Files,
): Promise<CallOutcome> {
  const value = JSON.parse(returned.json) as Json;
  if (returned.files.length === 0) return { ok: true, value };
  const stored = await Promise.all(returned.files.map((file) => files.write(file)));
  return { ok: true, value: insert(value, stored as unknown as readonly Json[]) };
}

function insert(value: Json, stored: readonly Json[]): Json {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item: Json) => insert(item, stored));
  const record = value as { readonly [key: string]: Json };
  const index = record[fileMark];
  if (typeof index === "number") return stored[index] ?? null;
  return Object.fromEntries(
    Object.entries(record).map(([key, item]) => [key, insert(item, stored)]),
  );
}
