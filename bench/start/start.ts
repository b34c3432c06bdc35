/** From process start to the end of a command, on the smallest program: what a person waits for each time. */
import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { measureProcesses } from "../measure-process.ts";
import type { ProcessCandidate } from "../measure-process.ts";
import { ratio, report } from "../report.ts";
import type { Bar, Figure } from "../report.ts";

const rounds = 15;
const root = join(import.meta.dirname, "../..");
const command = join(root, "dist/cli/main.js");
if (!existsSync(command)) throw new Error("run `npm run build` first");

interface Command extends Omit<ProcessCandidate, "folder"> {
  readonly timeBar?: Bar;
  readonly memoryBar?: Bar;
}

const folder = mkdtempSync(join(tmpdir(), "agentflow-start-"));
const file = join(folder, "hello.agentflow");
cpSync(join(root, "examples/hello/hello.agentflow"), file);
const run = [command, "run", file, "--name", "Ada", "--mock"];

const commands: readonly Command[] = [
  { name: "node, doing nothing", options: ["-e", "0"] },
  { name: "agentflow version", options: [command, "version"] },
  {
    name: "agentflow check",
    options: [command, "check", file],
    timeBar: { want: "at most", floor: 150 },
    memoryBar: { want: "at most", floor: 80 },
  },
  {
    name: "agentflow run, first",
    options: run,
    prepare: () => rmSync(join(folder, ".agentflow"), { recursive: true, force: true }),
    timeBar: { want: "at most", floor: 250, goal: 120 },
    memoryBar: { want: "at most", floor: 100, goal: 80 },
  },
  {
    name: "agentflow run, again",
    options: run,
    timeBar: { want: "at most", floor: 250, goal: 120 },
  },
];

try {
  const measured = await measureProcesses(
    commands.map((candidate) => ({ ...candidate, folder })),
    rounds,
  );
  const figures = measured.flatMap(({ name, wallMs, cpuMs, peakMegabytes }, index): Figure[] => {
    const { timeBar, memoryBar } = commands[index] ?? {};
    return [
      { name, value: wallMs, unit: "ms", ...(timeBar && { bar: timeBar }) },
      { name: `${name}: processor`, value: cpuMs, unit: "ms" },
      {
        name: `${name}: memory`,
        value: peakMegabytes,
        unit: "MB",
        ...(memoryBar && { bar: memoryBar }),
      },
    ];
  });
  const time = (name: string): Figure => {
    const figure = figures.find((candidate) => candidate.name === name);
    if (figure === undefined) throw new Error(`${name} was not measured`);
    return figure;
  };
  const nothing = time("node, doing nothing");
  const ratios = ["agentflow check", "agentflow run, first"].map((name) =>
    ratio(`${name} / node, doing nothing`, { of: time(name), to: nothing }),
  );
  report("start", [...figures, ...ratios]);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
