import { stat } from "node:fs/promises";
import { pathToFileURL } from "node:url";

import type { Json } from "../../plan/expression.ts";
import type { CallOutcome } from "../ports/call-outcome.ts";
import type { Files } from "../ports/files.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import type { ModulePort } from "../ports/tool.ts";
import { builtInModule } from "./built-in-module.ts";
import { fileMark, type ReturnedFile } from "./module-message.ts";
import { ModuleThread, type ThreadLimits } from "./module-thread.ts";

export interface ModuleToolOptions {
  readonly files: Files;
  readonly telemetry: Telemetry;
  /** Threads at work at once over all modules; further calls wait. 8 unless told. */
  readonly maxThreads?: number;
  readonly limits?: Partial<ThreadLimits>;
}

const defaultLimits: ThreadLimits = { maxMemoryMb: 512, maxJsonLength: 16_000_000, graceMs: 250 };
/** Kept warm per module: a thread takes tens of milliseconds to start. */
const maxIdlePerModule = 2;

/**
 * Calls functions of modules as `fn(input, { signal, secrets, idempotencyKey })`, one call at a time per
 * thread, so a call that blocks holds up nobody but itself.
 */
export function moduleTool(options: ModuleToolOptions): ModulePort {
  const limits = { ...defaultLimits, ...options.limits };
  const idle = new Map<string, ModuleThread[]>();
  const all = new Set<ModuleThread>();
  const slots = options.maxThreads ?? 8;
  const waiting: (() => void)[] = [];
  let busy = 0;

  async function take(url: string, module: string): Promise<ModuleThread> {
    if (busy >= slots) await new Promise<void>((resolve) => waiting.push(resolve));
    else busy += 1;
    const threads = idle.get(url) ?? [];
    for (let thread = threads.pop(); thread !== undefined; thread = threads.pop()) {
      if (thread.alive) return thread;
      all.delete(thread);
    }
    const print = (text: string): void =>
      options.telemetry.log({ level: "debug", message: text.trimEnd(), fields: { module } });
    const thread = new ModuleThread({ moduleUrl: url, limits, print });
    all.add(thread);
    return thread;
  }

  function giveBack(url: string, thread: ModuleThread): void {
    const next = waiting.shift();
    // The slot goes straight to the next in line, so a newcomer can't overtake it.
    if (next === undefined) busy -= 1;
    else next();
    const threads = idle.get(url) ?? [];
    idle.set(url, threads);
    if (thread.alive && threads.length < maxIdlePerModule) threads.push(thread);
    else {
      all.delete(thread);
      void thread.end();
    }
  }

  return {
    async call(call, signal) {
      const url = await moduleUrl(call.module);
      const thread = await take(url, call.module);
      try {
        const outcome = await thread.call(call, signal);
        return outcome.ok ? await unpack(outcome, options.files) : outcome;
      } finally {
        giveBack(url, thread);
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
      idle.clear();
      await Promise.all([...all].map((thread) => thread.end()));
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
