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
/** Kept warm per module: a process takes tens of milliseconds to start. */
const maxIdlePerModule = 2;
/** How long the others stay: a fan-out ends many calls at once, and needs as many processes again a moment later. */
const restMs = 5_000;

/**
 * Calls functions of modules as `fn(input, { signal, secrets, idempotencyKey })`, one call at a time per
 * process, so a call that blocks holds up nobody but itself.
 */
export function moduleTool(options: ModuleToolOptions): ModulePort {
  const limits = { ...defaultLimits, ...options.limits };
  const idle = new Map<string, ModuleProcess[]>();
  const all = new Set<ModuleProcess>();
  const resting = new Map<string, NodeJS.Timeout>();
  const maxProcesses = options.maxProcesses ?? 8;
  const slots = new CallSlots(maxProcesses);

  function take(url: string, module: string): ModuleProcess {
    const hosts = idle.get(url) ?? [];
    for (let host = hosts.pop(); host !== undefined; host = hosts.pop()) {
      if (host.alive) return host;
      all.delete(host);
    }
    const print = (text: string): void =>
      options.telemetry.log({ level: "debug", message: text.trimEnd(), fields: { module } });
    const host = new ModuleProcess({ moduleUrl: url, limits, print });
    all.add(host);
    return host;
  }

  function giveBack(url: string, host: ModuleProcess): void {
    slots.giveBack();
    const hosts = idle.get(url) ?? [];
    idle.set(url, hosts);
    const isCrowded = hosts.length >= maxIdlePerModule && all.size > 2 * maxProcesses;
    if (!host.alive || isCrowded) {
      end(host);
      return;
    }
    hosts.push(host);
    if (hosts.length > maxIdlePerModule && !resting.has(url))
      resting.set(url, setTimeout(() => rest(url), restMs).unref());
  }

  /** A while after the first one too many became idle, all that are idle then end but the warm ones. */
  function rest(url: string): void {
    resting.delete(url);
    for (const host of (idle.get(url) ?? []).splice(maxIdlePerModule)) end(host);
  }

  function end(host: ModuleProcess): void {
    all.delete(host);
    void host.end();
  }

  return {
    async call(call, { signal }) {
      const url = await moduleUrl(call.module);
      if (!(await slots.take(signal))) return failure("cancelled", `${call.function} was stopped`);
      const host = take(url, call.module);
      try {
        const outcome = await host.call(call, signal);
        return outcome.ok ? await unpack(outcome, options.files) : outcome;
      } finally {
        giveBack(url, host);
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
    async close() {
      for (const timer of resting.values()) clearTimeout(timer);
      resting.clear();
      idle.clear();
      await Promise.all([...all].map((host) => host.end()));
      all.clear();
    },
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
