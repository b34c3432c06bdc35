import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";

import { median } from "./measure.ts";

/** What a whole process took, from its start to its end. */
export interface ProcessMeasurement {
  readonly name: string;
  /** Median of the time from spawning to exit, in milliseconds. */
  readonly wallMs: number;
  /** Median of the processor time of all its threads, in milliseconds. */
  readonly cpuMs: number;
  /** The most memory it ever held, as the system counts it, in megabytes of 1,048,576 bytes; the median. */
  readonly peakMegabytes: number;
}

export interface ProcessCandidate {
  readonly name: string;
  /** Arguments of `node`. */
  readonly options: readonly string[];
  readonly folder: string;
  /** Runs before each round, such as removing what the last one left. */
  readonly prepare?: () => void;
}

/** Writes what the process used to its fourth file descriptor as it ends. */
const meterUrl = `data:text/javascript,${encodeURIComponent(`
  import { writeSync } from "node:fs";
  process.on("exit", () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    writeSync(3, JSON.stringify([userCPUTime + systemCPUTime, maxRSS]));
  });
`)}`;

/**
 * Starts each candidate twice per round, in turn: as it is for the time, and with a meter inside, which takes a few
 * milliseconds itself, for the rest. One round before the first is not counted and fills the file cache.
 *
 * @throws Error with its output when a process fails.
 */
export async function measureProcesses(
  candidates: readonly ProcessCandidate[],
  rounds: number,
): Promise<ProcessMeasurement[]> {
  const samples = candidates.map(() => ({ wall: [] as number[], used: [] as Usage[] }));
  for (let round = -1; round < rounds; round += 1) {
    for (const [index, candidate] of candidates.entries()) {
      const { wallMs } = await start(candidate, []);
      const { used } = await start(candidate, ["--import", meterUrl]);
      if (round < 0) continue;
      samples[index]?.wall.push(wallMs);
      samples[index]?.used.push(used);
    }
  }
  return candidates.map(({ name }, index) => {
    const { wall = [], used = [] } = samples[index] ?? {};
    return {
      name,
      wallMs: median(wall),
      cpuMs: median(used.map(({ cpuMs }) => cpuMs)),
      peakMegabytes: median(used.map(({ peakMegabytes }) => peakMegabytes)),
    };
  });
}

interface Usage {
  readonly cpuMs: number;
  readonly peakMegabytes: number;
}

async function start(
  candidate: ProcessCandidate,
  extra: readonly string[],
): Promise<{ wallMs: number; used: Usage }> {
  candidate.prepare?.();
  const began = performance.now();
  const child = spawn(process.execPath, [...extra, ...candidate.options], {
    cwd: candidate.folder,
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  const output = [child.stdout, child.stderr, child.stdio[3] as Readable].map(collect);
  const [code] = (await once(child, "exit")) as [number | null];
  const wallMs = performance.now() - began;
  const [said = "", complained = "", used = ""] = await Promise.all(output);
  if (code !== 0) throw new Error(`${candidate.name} ended with ${code}:\n${said}${complained}`);
  const [cpuMicroseconds = 0, peakKilobytes = 0] = JSON.parse(used || "[]") as number[];
  return {
    wallMs,
    used: { cpuMs: cpuMicroseconds / 1_000, peakMegabytes: peakKilobytes / 1_024 },
  };
}

async function collect(stream: Readable | null): Promise<string> {
  let text = "";
  for await (const chunk of stream ?? []) text += String(chunk);
  return text;
}
