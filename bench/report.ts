import { mkdirSync, writeFileSync } from "node:fs";
import { arch, cpus, totalmem } from "node:os";
import { join } from "node:path";

/** One number that a benchmark found. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  /** `ms`, `MB`, `lines/s`, or `×` for a ratio. */
  readonly unit: string;
  /** A bar it has to reach; without one the figure only informs. */
  readonly bar?: Bar;
}

export interface Bar {
  /** Is a smaller or a larger value better? */
  readonly want: "at most" | "at least";
  /** Missing this fails the benchmark. */
  readonly floor: number;
  /** What we aim for. */
  readonly goal?: number;
}

export type Verdict = "goal" | "ok" | "missed" | "–";

/** The ratio of two figures of one run: what stays comparable between machines. */
export function ratio(name: string, figures: { of: Figure; to: Figure }, bar?: Bar): Figure {
  const value = figures.of.value / figures.to.value;
  return bar === undefined ? { name, value, unit: "×" } : { name, value, unit: "×", bar };
}

export function verdict({ value, bar }: Figure): Verdict {
  if (bar === undefined) return "–";
  const reaches = (limit: number): boolean =>
    bar.want === "at most" ? value <= limit : value >= limit;
  if (bar.goal !== undefined && reaches(bar.goal)) return "goal";
  return reaches(bar.floor) ? "ok" : "missed";
}

/** A table for people: figure, value, bar, verdict. */
export function printReport(title: string, figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [
    figure.name,
    `${printNumber(figure.value)} ${figure.unit}`,
    printBar(figure),
    verdict(figure),
  ]);
  const table = [["figure", "value", "bar", ""], ...rows];
  const widths = [0, 1, 2].map((column) =>
    Math.max(...table.map((row) => (row[column] ?? "").length)),
  );
  const lines = table.map(([name = "", value = "", bar = "", outcome = ""]) =>
    [
      name.padEnd(widths[0] ?? 0),
      value.padStart(widths[1] ?? 0),
      bar.padEnd(widths[2] ?? 0),
      outcome,
    ]
      .join("  ")
      .trimEnd(),
  );
  return [title, ...lines].join("\n");
}

function printBar({ bar, unit }: Figure): string {
  if (bar === undefined) return "";
  const sign = bar.want === "at most" ? "≤" : "≥";
  const goal = bar.goal === undefined ? "" : `, goal ${printNumber(bar.goal)}`;
  return `${sign} ${printNumber(bar.floor)}${goal} ${unit}`;
}

/** Three significant digits, thousands separated. */
export function printNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString("en-US");
  return String(Number(value.toPrecision(3)));
}

/**
 * Prints the figures, as JSON after `--json`, and keeps them in `bench/results/<name>.json`. After `--check` a
 * missed bar fails the process.
 */
export function report(
  name: string,
  figures: readonly Figure[],
  options = process.argv.slice(2),
): void {
  const document = { name, machine: machine(), figures };
  const folder = join(import.meta.dirname, "results");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(document, null, 2)}\n`);
  const { processor, cores, node } = document.machine;
  const title = `${name}: Node ${node}, ${cores} × ${processor}`;
  console.log(options.includes("--json") ? JSON.stringify(document) : printReport(title, figures));
  const hasMissed = figures.some((figure) => verdict(figure) === "missed");
  if (options.includes("--check") && hasMissed) process.exitCode = 1;
}

function machine(): {
  node: string;
  processor: string;
  cores: number;
  architecture: string;
  gigabytes: number;
} {
  const processors = cpus();
  return {
    node: process.versions.node,
    processor: processors[0]?.model ?? "unknown processor",
    cores: processors.length,
    architecture: arch(),
    gigabytes: Math.round(totalmem() / 2 ** 30),
  };
}
