import { createInterface } from "node:readline";
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

export interface ThreadOptions {
  readonly moduleUrl: string;
  readonly limits: ThreadLimits;
  readonly print: (text: string) => void;
}

/**
 * A thread with one module in it. A function that blocks, leaks, throws from a timer or calls
 * `process.exit` takes only this thread down. It sees no environment variables: secrets reach it as
 * arguments. What it prints is given to `print`, because standard output belongs to the program.
 */
export class ModuleThread {
  private readonly limits: ThreadLimits;
  private readonly worker: Worker;
  private readonly ready: Promise<void>;
  private reasonOfEnd: string | undefined;
  private settle: ((outcome: ThreadOutcome) => void) | undefined;
  private current: ModuleCall | undefined;

  constructor(options: ThreadOptions) {
    this.limits = options.limits;
    this.worker = startWorker(options.moduleUrl, options.limits);
    for (const stream of [this.worker.stdout, this.worker.stderr]) {
      // By lines, so that a secret is not cut in two and then not recognised.
      createInterface({ input: stream }).on("line", (line) => {
        options.print(scrub(line, Object.values(this.current?.secrets ?? {})));
      });
    }
    this.ready = new Promise((resolve) => {
      this.worker.on("message", (message: FromThread) => {
        if (message.kind === "broken") this.die(`can't be loaded: ${message.message}`);
        if (message.kind === "ready" || message.kind === "broken") resolve();
        else this.finish(outcomeOf(message, this.current));
      });
      this.worker.on("error", (error: unknown) => {
        this.die(describeCrash(error, this.limits));
        resolve();
      });
      this.worker.on("exit", () => {
        this.die("ended its thread (it may have called process.exit)");
        resolve();
      });
    });
  }

  /** False once it has ended: it takes no more calls. */
  get alive(): boolean {
    return this.reasonOfEnd === undefined;
  }

  /** Only when none is under way. */
  async call(call: ModuleCall, signal: AbortSignal): Promise<ThreadOutcome> {
    const { worker, limits } = this;
    this.current = call;
    worker.ref();
    const outcome = new Promise<ThreadOutcome>((resolve) => {
      this.settle = resolve;
    });
    let hardStop: NodeJS.Timeout | undefined;
    const onAbort = (): void => {
      worker.postMessage({ kind: "abort" });
      hardStop = setTimeout(() => this.die("did not end when it was stopped"), limits.graceMs);
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
    await this.ready;
    if (this.reasonOfEnd === undefined) {
      const { function: name, input, secrets, idempotencyKey } = call;
      worker.postMessage({ kind: "call", function: name, input, secrets, idempotencyKey });
    } else this.finish(crashed(this.reasonOfEnd, call));
    const result = await outcome;
    clearTimeout(hardStop);
    signal.removeEventListener("abort", onAbort);
    worker.unref();
    return signal.aborted ? failure("cancelled", `${call.function} was stopped`) : result;
  }

  async end(): Promise<void> {
    this.reasonOfEnd ??= "was ended";
    await this.worker.terminate();
  }

  private finish(outcome: ThreadOutcome): void {
    const { settle } = this;
    this.settle = undefined;
    settle?.(outcome);
  }

  private die(reason: string): void {
    this.reasonOfEnd ??= reason;
    this.finish(crashed(reason, this.current));
    void this.worker.terminate();
  }
}

function startWorker(moduleUrl: string, limits: ThreadLimits): Worker {
  const workerData: ThreadData = {
    moduleUrl,
    hooksUrl:
      stripsTypes || !/\.m?ts(\?|$)/.test(moduleUrl) ? null : threadSource("typescript-hooks").href,
    transpilerUrl,
    maxJsonLength: limits.maxJsonLength,
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
    resourceLimits: { maxOldGenerationSizeMb: limits.maxMemoryMb },
  });
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
  if (code === "ERR_WORKER_OUT_OF_MEMORY")
    return `used more than ${limits.maxMemoryMb} MB of memory`;
  return `crashed: ${error instanceof Error ? error.message : String(error)}`;
}
