import { spawn, type ChildProcess } from "node:child_process";
import type { Socket } from "node:net";

import { failure, standardCodes, type CallFailure } from "../ports/call-outcome.ts";
import { soundWaitMs } from "../ports/http-status.ts";
import { oneLine } from "../ports/one-line.ts";
import type { ModuleCall } from "../ports/tool.ts";
import { hostSource, stripsTypes, transpilerUrl } from "./host-source.ts";
import { fileMark, type FromHost, type HostData, type ReturnedFile } from "./module-message.ts";
import { printLines } from "./printed-lines.ts";
import { scrub } from "../ports/scrub.ts";

export interface ModuleLimits {
  /** Of JavaScript's heap; the whole process may have this much again for buffers and the like. */
  readonly maxMemoryMb: number;
  readonly maxJsonLength: number;
  readonly maxFileBytes: number;
  /** How long a function may take to end after it was asked to, before its process is ended. */
  readonly graceMs: number;
}

export type ProcessOutcome =
  | { readonly ok: true; readonly json: string; readonly files: readonly ReturnedFile[] }
  | CallFailure;

export interface ProcessOptions {
  readonly moduleUrl: string;
  readonly limits: ModuleLimits;
  readonly print: (text: string) => void;
}

/** Of a process that has only just started. */
const ownMemoryMb = 100;
const maxMessageLength = 1_000;

/**
 * A process with one module in it. A function that blocks, leaks, throws from a timer or calls `process.exit`
 * takes only this process down; a thread would take the runner with it when it asks for more memory than there
 * is. It sees no environment variables: secrets reach it as arguments. What it prints is given to `print`,
 * because standard output belongs to the program.
 */
export class ModuleProcess {
  private readonly limits: ModuleLimits;
  private readonly child: ChildProcess;
  private readonly ready: Promise<void>;
  private readonly gone: Promise<void>;
  private reasonOfEnd: string | undefined;
  private settle: ((outcome: ProcessOutcome) => void) | undefined;
  private current: ModuleCall | undefined;

  constructor(options: ProcessOptions) {
    const { limits } = options;
    this.limits = limits;
    this.child = startProcess(options.moduleUrl, limits);
    for (const stream of [this.child.stdout, this.child.stderr]) {
      if (stream === null) continue;
      printLines(stream, (line) =>
        options.print(scrub(line, Object.values(this.current?.secrets ?? {}))),
      );
    }
    this.gone = new Promise((resolve) => {
      this.child.once("exit", () => resolve());
      this.child.once("error", () => resolve());
    });
    this.ready = new Promise((resolve) => {
      this.child.on("message", (message: FromHost) => {
        if (message.kind === "broken") this.die(`can't be loaded: ${message.message}`);
        if (message.kind === "crashed") this.die(`crashed: ${message.message}`);
        if (message.kind === "ready" || message.kind === "broken") resolve();
        else if (message.kind !== "crashed") this.finish(outcomeOf(message, this.current));
      });
      this.child.on("error", (error) => {
        this.die(`has no process: ${error.message}`);
        resolve();
      });
      this.child.on("exit", (_, signal) => {
        this.die(reasonOfExit(signal, limits));
        resolve();
      });
    });
    this.holdsRunner(false);
  }

  /** False once it has ended: it takes no more calls. */
  get alive(): boolean {
    return this.reasonOfEnd === undefined;
  }

  /** Only when none is under way. */
  async call(call: ModuleCall, signal: AbortSignal): Promise<ProcessOutcome> {
    this.current = call;
    this.holdsRunner(true);
    const outcome = new Promise<ProcessOutcome>((resolve) => {
      this.settle = resolve;
    });
    let hardStop: NodeJS.Timeout | undefined;
    const onAbort = (): void => {
      this.send({ kind: "abort" });
      hardStop = setTimeout(() => this.die("did not end when it was stopped"), this.limits.graceMs);
    };
    signal.addEventListener("abort", onAbort, { once: true });
    await this.ready;
    if (this.reasonOfEnd !== undefined) this.finish(crashed(this.reasonOfEnd, call));
    else if (signal.aborted) this.finish(stopped(call));
    else {
      const { function: name, input, secrets, idempotencyKey } = call;
      this.send({ kind: "call", function: name, input, secrets, idempotencyKey });
    }
    const result = await outcome;
    clearTimeout(hardStop);
    signal.removeEventListener("abort", onAbort);
    this.holdsRunner(false);
    return signal.aborted ? stopped(call) : result;
  }

  async end(): Promise<void> {
    this.reasonOfEnd ??= "was ended";
    // Otherwise the runner could end, in the middle of closing, before it is told.
    this.child.ref();
    kill(this.child);
    await this.gone;
  }

  private send(message: Parameters<ChildProcess["send"]>[0]): void {
    // That the other end is gone is told by its exit.
    if (this.child.connected) this.child.send(message, () => undefined);
  }

  /** Only a call keeps this process running; one that is idle ends with it. */
  private holdsRunner(holds: boolean): void {
    const { child } = this;
    const method = holds ? "ref" : "unref";
    child[method]();
    child.channel?.[method]();
    for (const stream of [child.stdout, child.stderr]) (stream as Socket | null)?.[method]();
  }

  private finish(outcome: ProcessOutcome): void {
    const { settle } = this;
    this.settle = undefined;
    settle?.(outcome);
  }

  private die(reason: string): void {
    this.reasonOfEnd ??= reason;
    this.finish(crashed(this.reasonOfEnd, this.current));
    kill(this.child);
  }
}

function startProcess(moduleUrl: string, limits: ModuleLimits): ChildProcess {
  const child = spawn(
    process.execPath,
    [
      `--max-old-space-size=${limits.maxMemoryMb}`,
      "--no-warnings",
      "--eval",
      `import(${JSON.stringify(hostSource("module-host").href)})`,
    ],
    {
      env: {},
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      serialization: "advanced",
      // In a group of its own: Ctrl-C is for the runner, which lets a call end in good order.
      detached: process.platform !== "win32",
      windowsHide: true,
    },
  );
  const data: HostData = {
    moduleUrl,
    hooksUrl:
      stripsTypes || !/\.m?ts(\?|$)/.test(moduleUrl) ? null : hostSource("typescript-hooks").href,
    transpilerUrl,
    parentPid: process.pid,
    maxResidentBytes: (2 * limits.maxMemoryMb + ownMemoryMb) * 1024 * 1024,
    maxJsonLength: limits.maxJsonLength,
    maxFileBytes: limits.maxFileBytes,
    fileMark,
  };
  if (child.connected) child.send({ kind: "load", ...data }, () => undefined);
  return child;
}

/** With everything it has started itself. */
function kill(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    if (process.platform === "win32") child.kill("SIGKILL");
    else process.kill(-child.pid, "SIGKILL");
  } catch {
    child.kill("SIGKILL");
  }
}

function outcomeOf(
  message: Extract<FromHost, { kind: "returned" | "unusable" | "threw" }>,
  call: ModuleCall | undefined,
): ProcessOutcome {
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
      const text = harmless(message.message, call);
      return failure(code, known ? text : `${name} threw: ${text}`, {
        retryAfterMs: soundWaitMs(message.retryAfterMs ?? Number.NaN),
      });
    }
  }
}

function stopped(call: ModuleCall): CallFailure {
  return failure("cancelled", `${call.function} was stopped`);
}

function crashed(reason: string, call: ModuleCall | undefined): CallFailure {
  return failure(
    "internal",
    `the module of ${call?.function ?? "the tool"} ${harmless(reason, call)}`,
  );
}

/** Scrubbed before it is cut, which could leave a part of a secret that is no longer recognised. */
function harmless(text: string, call: ModuleCall | undefined): string {
  return oneLine(scrub(text, Object.values(call?.secrets ?? {})), maxMessageLength);
}

/** SIGABRT is how JavaScript's engine gives up on a heap that is full, SIGKILL how the watching thread ends it. */
function reasonOfExit(signal: NodeJS.Signals | null, { maxMemoryMb }: ModuleLimits): string {
  if (signal === "SIGABRT" || signal === "SIGTRAP")
    return `gave up; most likely it used more than ${maxMemoryMb} MB of memory`;
  if (signal === "SIGKILL")
    return `was killed; most likely it used more than ${2 * maxMemoryMb + ownMemoryMb} MB of memory`;
  return signal === null
    ? "ended its process (it may have called process.exit)"
    : `was ended by ${signal}`;
}
