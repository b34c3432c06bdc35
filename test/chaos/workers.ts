import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";

import { clockVariable, type ClockMessage, type WorkerSettings } from "./worker-settings.ts";

export interface WorkersOptions {
  readonly count: number;
  /** Path of the bundled `worker-process.ts`. */
  readonly script: string;
  readonly settings: Omit<WorkerSettings, "name">;
  /** URL of another version of the runner. */
  readonly otherRunner: string;
  /** A line that a worker wrote, or what became of one. */
  readonly log: (text: string) => void;
}

interface Worker {
  readonly index: number;
  child: ChildProcess | null;
  /** It has begun to work, or ended before. */
  ready: Promise<void>;
  /** Counts its processes. */
  generation: number;
  clockOffsetMs: number;
  /** Its processes are of the other version. */
  isOther: boolean;
  /** It is to come back when its process ends. */
  wanted: boolean;
  /** Its process was harmed on purpose while it may have been told to end. */
  poisoned: boolean;
}

const respawnMs = 300;
const readyTimeoutMs = 60_000;

/** The worker processes: each comes back when it ends, as under any supervisor. They end with this process. */
export class Workers {
  /** Their ends that no fault explains. */
  readonly crashes: string[] = [];
  private readonly options: WorkersOptions;
  private readonly workers: Worker[];
  private readonly killAll = (): void => {
    for (const { child } of this.workers) child?.kill("SIGKILL");
  };

  constructor(options: WorkersOptions) {
    this.options = options;
    this.workers = Array.from({ length: options.count }, (_, index) => ({
      index,
      child: null,
      ready: Promise.resolve(),
      generation: 0,
      clockOffsetMs: 0,
      isOther: false,
      wanted: true,
      poisoned: false,
    }));
    process.once("exit", this.killAll);
  }

  get count(): number {
    return this.workers.length;
  }

  async open(): Promise<void> {
    await Promise.all(this.workers.map((worker) => this.launch(worker)));
  }

  /** Number of its process; 0 while it has none. */
  pid(index: number): number {
    return this.at(index).child?.pid ?? 0;
  }

  /** Ends it at once. */
  async kill(index: number): Promise<void> {
    const { child } = this.at(index);
    if (child === null || child.exitCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }

  /** Kills the process of that name, if it is still there. */
  killNamed(name: string): void {
    const worker = this.workers.find((each) => nameOf(each) === name);
    if (worker === undefined) return;
    worker.poisoned = true;
    worker.child?.kill("SIGKILL");
  }

  /** Its process stands still for a while. */
  async freeze(index: number, forMs: number): Promise<void> {
    const { child } = this.at(index);
    const pid = child?.pid;
    if (child === null || pid === undefined) return;
    // Should this process die meanwhile, the other must still wake up to notice.
    const seconds = Math.ceil(forMs / 1_000) + 1;
    spawn("sh", ["-c", `sleep ${seconds}; kill -CONT ${pid} 2>/dev/null`], {
      detached: true,
      stdio: "ignore",
    }).unref();
    child.kill("SIGSTOP");
    await new Promise((resolve) => {
      setTimeout(resolve, forMs);
    });
    child.kill("SIGCONT");
  }

  setClock(index: number, clockOffsetMs: number): void {
    const worker = this.at(index);
    worker.clockOffsetMs = clockOffsetMs;
    const message: ClockMessage = { clockOffsetMs };
    if (worker.child?.connected === true) worker.child.send(message, () => {});
  }

  /** Its next process is of the other version, or of the first one again. */
  async upgrade(index: number): Promise<void> {
    const worker = this.at(index);
    worker.isOther = !worker.isOther;
    await this.restart(index);
  }

  /** Tells it to end, waits until it has, and until its successor is ready. */
  async restart(index: number): Promise<void> {
    const worker = this.at(index);
    // A process that has only just begun does not know yet how it is told to end.
    await worker.ready;
    const { child, generation } = worker;
    if (child === null) return;
    const gone = once(child, "exit");
    child.kill("SIGTERM");
    const [code] = (await gone) as [number | null];
    if (code !== 0 && !worker.poisoned)
      this.crashes.push(`${nameOf(worker)} was told to end, and ended with ${code}`);
    await this.until(() => worker.generation > generation);
    await worker.ready;
  }

  async close(): Promise<void> {
    process.off("exit", this.killAll);
    for (const worker of this.workers) worker.wanted = false;
    await Promise.all(
      this.workers.map(async ({ child }) => {
        if (child === null || child.exitCode !== null || child.signalCode !== null) return;
        const gone = once(child, "exit");
        child.kill("SIGCONT");
        child.kill("SIGKILL");
        await gone;
      }),
    );
  }

  private at(index: number): Worker {
    const worker = this.workers[index % this.workers.length];
    if (worker === undefined) throw new RangeError("there are no workers");
    return worker;
  }

  private async launch(worker: Worker): Promise<void> {
    worker.generation += 1;
    worker.poisoned = false;
    const { script, settings, otherRunner, log } = this.options;
    const name = nameOf(worker);
    const runner = worker.isOther ? otherRunner : settings.runner;
    const mine: WorkerSettings = { ...settings, name, runner };
    const child = spawn(process.execPath, [script, JSON.stringify(mine)], {
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      env: { PATH: process.env["PATH"], [clockVariable]: String(worker.clockOffsetMs) },
    });
    worker.child = child;
    let told = "";
    let hasBegun = false;
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      told = (told + text).slice(-2_000);
      for (const line of text.trimEnd().split("\n")) log(`${name}: ${line}`);
    });
    child.once("exit", (code, signal) =>
      this.ended(worker, { name, code, signal, told, hasBegun }),
    );
    const ready = new Promise<void>((resolve) => {
      child.stdout?.once("data", () => {
        hasBegun = true;
        resolve();
      });
      child.once("exit", () => resolve());
      setTimeout(resolve, readyTimeoutMs).unref();
    });
    worker.ready = ready;
    await ready;
  }

  private ended(
    worker: Worker,
    end: {
      readonly name: string;
      readonly code: number | null;
      readonly signal: string | null;
      readonly told: string;
      readonly hasBegun: boolean;
    },
  ): void {
    worker.child = null;
    if (!worker.wanted) return;
    const { name, code, signal, told, hasBegun } = end;
    // At its start it may find no store, or a full one; a supervisor starts it again.
    const isRefused = !hasBegun && told.includes("StoreError");
    if (signal === null && code !== 0 && !isRefused)
      this.crashes.push(`${name} ended with ${code}: ${told}`);
    setTimeout(() => {
      if (worker.wanted) void this.launch(worker);
    }, respawnMs);
  }

  private async until(reached: () => boolean): Promise<void> {
    while (!reached())
      await new Promise((resolve) => {
        setTimeout(resolve, 50);
      });
  }
}

function nameOf({ index, generation }: Worker): string {
  return `worker-${index}.${generation}`;
}
