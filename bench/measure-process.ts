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
const meter = `process.on("exit", () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  require("fs").writeSync(3, JSON.stringify([userCPUTime + systemCPUTime, maxRSS]));
});`;

/**
 * Starts each candidate once per round, in turn, after one start that is not counted and fills the file cache.
 *
 * @throws Error with its output when a process fails.
 */
export async function measureProcesses(
  candidates: readonly ProcessCandidate[],
  rounds: number,
): Promise<ProcessMeasurement[]> {
  const samples = new Map<string, { wall: number[]; cpu: number[]; peak: number[] }>();
  for (let round = -1; round < rounds; round += 1) {
    for (const candidate of candidates) {
      const { wallMs, cpuMs, peakMegabytes } = await startOnce(candidate);
      if (round < 0) continue;
      const sample = samples.get(candidate.name) ?? { wall: [], cpu: [], peak: [] };
      sample.wall.push(wallMs);
      sample.cpu.push(cpuMs);
      sample.peak.push(peakMegabytes);
      samples.set(candidate.name, sample);
    }
  }
  return [...samples].map(([name, { wall, cpu, peak }]) => ({
    name,
    wallMs: median(wall),
    cpuMs: median(cpu),
    peakMegabytes: median(peak),
  }));
}

async function startOnce(candidate: ProcessCandidate): Promise<Omit<ProcessMeasurement, "name">> {
  candidate.prepare?.();
  const start = performance.now();
  const child = spawn(
    process.execPath,
    [
      "--import",
      `data:text/javascript,${encodeURIComponent(asModule(meter))}`,
      ...candidate.options,
    ],
    { cwd: candidate.folder, stdio: ["ignore", "pipe", "pipe", "pipe"] },
  );
  const output = [child.stdout, child.stderr, child.stdio[3] as Readable].map(collect);
  const [code] = (await once(child, "exit")) as [number | null];
  const wallMs = performance.now() - start;
  const [said = "", complained = "", used = ""] = await Promise.all(output);
  if (code !== 0 || used === "") {
    throw new Error(`${candidate.name} ended with ${code}:\n${said}${complained}`);
  }
  const [cpuMicroseconds = 0, peakKilobytes = 0] = JSON.parse(used) as number[];
  return { wallMs, cpuMs: cpuMicroseconds / 1_000, peakMegabytes: peakKilobytes / 1_024 };
}

function asModule(code: string): string {
  return `import { createRequire } from "node:module";const require = createRequire("file:///");${code}`;
}

async function collect(stream: Readable | null): Promise<string> {
  let text = "";
  for await (const chunk of stream ?? []) text += String(chunk);
  return text;
}
