import { Worker } from "node:worker_threads";

import { failure, standardCodes, type CallFailure } from "../ports/call-outcome.ts";
import type { ModuleCall } from "../ports/tool.ts";
import { fileMark, type FromThread, type ReturnedFile, type ThreadData } from "./module-message.ts";
import { scrub } from "../ports/scrub.ts";
import { stripsTypes, threadSource, transpilerUrl } from "./module-thread-source.ts";

export interface ThreadLimits {
  readonly maxMemoryMb: number;
  readonly maxJsonLength: number;
  /** How long a function may take to end after it was asked to, before its thread is ended. */
  readonly graceMs: number;
}

export type ThreadOutcome =
  | { readonly ok: true; readonly json: string; readonly files: readonly ReturnedFile[] }
  | CallFailure;

export interface ModuleThread {
  /** Only when none is under way. */
  call(call: ModuleCall, signal: AbortSignal): Promise<ThreadOutcome>;
  /** False once it has ended: it takes no more calls. */
  readonly alive: boolean;
  end(): Promise<void>;
}

/**
 * A thread with one module in it. A function that blocks, leaks, throws from a timer or calls
 * `process.exit` takes only this thread down. It sees no environment variables: secrets reach it as
 * arguments. What it prints is given to `print`, because standard output belongs to the program.
 */
export function startModuleThread(options: {
  readonly moduleUrl: string;
  readonly limits: ThreadLimits;
  readonly print: (text: string) => void;
}): ModuleThread {
  const { limits } = options;
  const worker = startWorker(options);
  let alive = true;
  let settle: ((outcome: ThreadOutcome) => void) | undefined;
  let current: ModuleCall | undefined;
  let printed: string | undefined;

  const ready = new Promise<void>((resolve) => {
    worker.on("message", (message: FromThread) => {
      if (message.kind === "broken") die(`can't be loaded: ${message.message}`);
      if (message.kind === "ready" || message.kind === "broken") resolve();
      else finish(outcomeOf(message, current));
    });
    worker.on("error", (error: unknown) => {
      die(describeCrash(error, limits));
      resolve();
    });
    worker.on("exit", () => {
      die("ended its thread (it may have called process.exit)");
      resolve();
    });
  });

  function finish(outcome: ThreadOutcome): void {
    const done = settle;
    settle = undefined;
    done?.(outcome);
  }
  function die(reason: string): void {
    alive = false;
    printed ??= reason;
    finish(crashed(reason, current));
    void worker.terminate();
  }

  return {
    get alive() {
      return alive;
    },
    async call(call, signal) {
      current = call;
      worker.ref();
      const outcome = new Promise<ThreadOutcome>((resolve) => {
        settle = resolve;
      });
      let hardStop: NodeJS.Timeout | undefined;
      const onAbort = (): void => {
        worker.postMessage({ kind: "abort" });
        hardStop = setTimeout(() => die("did not end when it was stopped"), limits.graceMs);
      };
      if (signal.aborted) onAbort();
      else signal.addEventListener("abort", onAbort, { once: true });
      await ready;
      if (!alive) finish(crashed(printed ?? "ended", call));
      else {
        const { function: name, input, secrets, idempotencyKey } = call;
        worker.postMessage({ kind: "call", function: name, input, secrets, idempotencyKey });
      }
      const result = await outcome;
      clearTimeout(hardStop);
      signal.removeEventListener("abort", onAbort);
      worker.unref();
      return signal.aborted ? failure("cancelled", `${call.function} was stopped`) : result;
    },
    async end() {
      alive = false;
      await worker.terminate();
    },
  };
}

function startWorker(options: {
  readonly moduleUrl: string;
  readonly limits: ThreadLimits;
  readonly print: (text: string) => void;
}): Worker {
  const workerData: ThreadData = {
    moduleUrl: options.moduleUrl,
    hooksUrl: stripsTypes || !/\.m?ts(\?|$)/.test(options.moduleUrl) ? null : threadSource("typescript-hooks").href,
    transpilerUrl,
    maxJsonLength: options.limits.maxJsonLength,
    fileMark,
  };
  const worker = new Worker(threadSource("module-host"), {
    workerData,
    env: {},
    argv: [],
    // Flags of this process, such as an inspector or a loader, are not meant for modules.
    execArgv: [],
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: options.limits.maxMemoryMb },
  });
  for (const stream of [worker.stdout, worker.stderr]) {
    stream.setEncoding("utf8").on("data", options.print);
  }
  worker.unref();
  return worker;
}

function outcomeOf(message: FromThread, call: ModuleCall | undefined): ThreadOutcome {
  const name = call?.function ?? "function";
  switch (message.kind) {
    case "returned":
      return { ok: true, json: message.json, files: message.files };
    case "unusable":
      return failure("invalid_output", `${name} ${message.message}`);
    case "threw": {
      const known =
        message.code !== null &&
        (standardCodes.has(message.code) || call?.codes.includes(message.code) === true);
      const code = known && message.code !== null ? message.code : "internal";
      const text = scrub(message.message, Object.values(call?.secrets ?? {}));
      return failure(code, known ? text : `${name} threw: ${text}`, {
        retryAfterMs: message.retryAfterMs ?? undefined,
      });
    }
    case "ready":
    case "broken":
      return failure("internal", `${name}: unexpected message ${message.kind}`);
  }
}

function crashed(reason: string, call: ModuleCall | undefined): CallFailure {
  const text = `the module of ${call?.function ?? "the tool"} ${reason}`;
  return failure("internal", scrub(text, Object.values(call?.secrets ?? {})));
}

function describeCrash(error: unknown, limits: ThreadLimits): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ERR_WORKER_OUT_OF_MEMORY") return `used more than ${limits.maxMemoryMb} MB of memory`;
  return `crashed: ${error instanceof Error ? error.message : String(error)}`;
}
