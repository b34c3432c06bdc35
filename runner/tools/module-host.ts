// Runs inside a thread of its own and is started by module-thread.ts, which may hand it over as text: so it
// imports nothing but Node's own modules and types.
import { register } from "node:module";
import { parentPort, workerData } from "node:worker_threads";

import type { FromThread, ReturnedFile, ThreadData, ToThread } from "./module-message.ts";

const data = workerData as ThreadData;
let abort = new AbortController();

function say(message: FromThread): void {
  parentPort?.postMessage(message);
}

async function main(): Promise<void> {
  if (data.hooksUrl !== null) {
    register(data.hooksUrl, { data: { transpilerUrl: data.transpilerUrl } });
  }
  let functions: { readonly [name: string]: unknown };
  try {
    functions = (await import(data.moduleUrl)) as typeof functions;
  } catch (error) {
    say({ kind: "broken", message: messageOf(error) });
    return;
  }
  parentPort?.on("message", (message: ToThread) => {
    if (message.kind === "abort") abort.abort();
    else void call(functions, message);
  });
  say({ kind: "ready" });
}

async function call(
  functions: { readonly [name: string]: unknown },
  message: Extract<ToThread, { kind: "call" }>,
): Promise<void> {
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

function pack(value: unknown): FromThread {
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
  return { kind: "returned", json, files };
}

function isFile(part: unknown): part is ReturnedFile {
  if (typeof part !== "object" || part === null || !("bytes" in part)) return false;
  const { bytes, name, mime } = part as { bytes: unknown; name?: unknown; mime?: unknown };
  return bytes instanceof Uint8Array && typeof name === "string" && typeof mime === "string";
}

function codeOf(error: unknown): string | null {
  if (typeof error !== "object" || error === null || !("code" in error)) return null;
  return typeof error.code === "string" ? error.code : null;
}

function retryOf(error: unknown): number | null {
  if (typeof error !== "object" || error === null || !("retryAfterMs" in error)) return null;
  return typeof error.retryAfterMs === "number" ? error.retryAfterMs : null;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

await main();
