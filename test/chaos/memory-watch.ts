import { readFileSync } from "node:fs";

import type { Workers } from "./workers.ts";

/**
 * What a worker may take at most. It holds a value that is too large when it arrives, as text and as what is read from it,
 * perhaps two at once; what has no bound takes more with every such step.
 */
const mostBytes = 700_000_000;
const everyMs = 250;
const pageBytes = 4_096;

/** Looks at how much memory the workers take, where the system tells. */
export class MemoryWatch {
  readonly faults: string[] = [];
  /** The most that one of them took, in bytes. */
  most = 0;
  private readonly told = new Set<number>();
  private readonly timer: NodeJS.Timeout;

  constructor(workers: Pick<Workers, "count" | "pid">) {
    this.timer = setInterval(() => {
      for (let index = 0; index < workers.count; index += 1) this.look(workers.pid(index));
    }, everyMs);
  }

  close(): void {
    clearInterval(this.timer);
  }

  private look(pid: number): void {
    const bytes = residentBytes(pid);
    this.most = Math.max(this.most, bytes);
    if (bytes <= mostBytes || this.told.has(pid)) return;
    this.told.add(pid);
    this.faults.push(`I0 process ${pid} takes ${Math.round(bytes / 1e6)} MB`);
  }
}

/** 0 for a process that is gone, and where there is no such file. */
function residentBytes(pid: number): number {
  try {
    const [, pages = "0"] = readFileSync(`/proc/${pid}/statm`, "utf8").split(" ");
    return Number(pages) * pageBytes;
  } catch {
    return 0;
  }
}
