// Runs in a process of its own, which module-process.ts starts and may hand this file over to as text: so it
// imports nothing but Node's own modules and types.
import { register } from "node:module";
import { Worker } from "node:worker_threads";

import type { FromHost, HostData, ReturnedFile, ToHost } from "./module-message.ts";

/** Longer messages of errors are cut: they are for people, and are kept in the history. */
const maxMessageLength = 4_000;

let abort = new AbortController();
let data: HostData;
let functions: { readonly [name: string]: unknown } = {};

function say(message: FromHost, then?: () => void): void {
  process.send?.(message, undefined, undefined, then);
}

async function load(given: HostData): Promise<void> {
  data = given;
  watch(given);
  if (given.hooksUrl !== null) {
    register(given.hooksUrl, { data: { transpilerUrl: given.transpilerUrl } });
  }
  try {
    functions = (await import(given.moduleUrl)) as typeof functions;
    say({ kind: "ready" });
  } catch (error) {
    say({ kind: "broken", message: messageOf(error) });
  }
}

/**
 * A function that blocks this process sees neither that the runner is gone nor how much it has taken, so a thread
 * does. Memory outside of JavaScript's heap, such as that of buffers, has no other limit.
 */
function watch({ parentPid, maxResidentBytes }: HostData): void {
  const source = `
    const { workerData } = require("node:worker_threads");
    setInterval(() => {
      if (process.ppid !== workerData.parentPid || process.memoryUsage.rss() > workerData.maxResidentBytes)
        process.kill(process.pid, "SIGKILL");
    }, 50);`;
  const workerData = { parentPid, maxResidentBytes };
  const options = {
    eval: true,
    workerData,
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 8 },
  };
  new Worker(source, options).unref();
}

process.on("message", (message: ToHost) => {
  if (message.kind === "load") void load(message);
  else if (message.kind === "abort") abort.abort();
  else void call(message);
});
process.on("disconnect", () => process.exit());
process.on("uncaughtException", (error: unknown) => {
  say({ kind: "crashed", message: messageOf(error) }, () => process.exit(1));
});

async function call(message: Extract<ToHost, { kind: "call" }>): Promise<void> {
  const callee = functions[message.function];
  if (typeof callee !== "function") {
    const names = Object.keys(functions).filter((name) => typeof functions[name] === "function");
    const known = names.length === 0 ? "it exports no function" : `it exports ${names.join(", ")}`;
    say({ kind: "broken", message: `it has no function ${message.function}; ${known}` });
    return;
  }
  abort = new AbortController();
  const context = {
    signal: abort.signal,
    secrets: message.secrets,
    idempotencyKey: message.idempotencyKey,
  };
  try {
    const value: unknown = await (callee as (...values: unknown[]) => unknown)(
      message.input,
      context,
    );
    say(pack(value));
  } catch (error) {
    say({
      kind: "threw",
      code: codeOf(error),
      message: messageOf(error),
      retryAfterMs: retryOf(error),
    });
  }
}

function pack(value: unknown): FromHost {
  const files: ReturnedFile[] = [];
  let json: string | undefined;
  try {
    json = JSON.stringify(value, (_, part: unknown) => {
      if (!isFile(part)) return part;
      files.push({ name: part.name, mime: part.mime, bytes: part.bytes });
      return { [data.fileMark]: files.length - 1 };
    });
  } catch (error) {
    return { kind: "unusable", message: `returned what is not JSON: ${messageOf(error)}` };
  }
  json ??= "null";
  if (json.length > data.maxJsonLength) {
    return {
      kind: "unusable",
      message: `returned ${json.length} characters of JSON, more than ${data.maxJsonLength}`,
    };
  }
  const size = files.reduce((sum, file) => sum + file.bytes.length, 0);
  if (size > data.maxFileBytes) {
    return {
      kind: "unusable",
      message: `returned ${size} bytes of files, more than ${data.maxFileBytes}`,
    };
  }
  return { kind: "returned", json, files };
}

function isFile(part: unknown): part is ReturnedFile {
  if (typeof part !== "object" || part === null || !("bytes" in part)) return false;
  const { bytes, name, mime } = part as { bytes: unknown; name?: unknown; mime?: unknown };
  return bytes instanceof Uint8Array && typeof name === "string" && typeof mime === "string";
}

function codeOf(error: unknown): string | null {
  try {
    const { code } = (error ?? {}) as { readonly code?: unknown };
    return typeof code === "string" ? code : null;
  } catch {
    return null;
  }
}

function retryOf(error: unknown): number | null {
  try {
    const { retryAfterMs } = (error ?? {}) as { readonly retryAfterMs?: unknown };
    return typeof retryAfterMs === "number" ? retryAfterMs : null;
  } catch {
    return null;
  }
}

function messageOf(error: unknown): string {
  try {
    const text: unknown = error instanceof Error ? error.message : error;
    return String(text).slice(0, maxMessageLength);
  } catch {
    return "something that can't be printed";
  }
}
