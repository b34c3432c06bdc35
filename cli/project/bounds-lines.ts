import { formatElapsed } from "../../base/duration.ts";
import type { Bounds } from "../../plan/plan.ts";
import { formatCount, formatMoney } from "../live/figures.ts";
import type { Colors } from "../terminal.ts";

export interface FlowBounds {
  readonly file: string;
  readonly flow: string;
  readonly bounds: Bounds;
}

/** A table of worst cases; figures that no program can have are left out, unknown ones are `?`. */
export function boundsLines(flows: readonly FlowBounds[], colors: Colors): readonly string[] {
  if (flows.length === 0) return [];
  const columns = figures.filter(({ read }) => flows.some(({ bounds }) => read(bounds) !== 0));
  if (columns.length === 0) return [];
  const rows = flows.map(({ flow, bounds }) => [
    flow,
    ...columns.map(({ read, print }) => cell(read(bounds), print)),
  ]);
  const head = ["worst case", ...columns.map(({ title }) => title)];
  const widths = head.map((title, index) =>
    Math.max(title.length, ...rows.map((row) => (row[index] ?? "").length)),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((text, index) =>
        index === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[index] ?? 0),
      )
      .join("  ");
  return [colors.dim(line(head)), ...rows.map(line)];
}

interface Figure {
  readonly title: string;
  readonly read: (bounds: Bounds) => number | null;
  readonly print: (value: number) => string;
}

const figures: readonly Figure[] = [
  { title: "agent calls", read: ({ agentCalls }) => agentCalls, print: withCommas },
  { title: "model requests", read: ({ modelRequests }) => modelRequests, print: withCommas },
  { title: "tool calls", read: ({ toolCalls }) => toolCalls, print: withCommas },
  { title: "people asked", read: ({ humanTasks }) => humanTasks, print: withCommas },
  { title: "tokens", read: ({ tokens }) => tokens, print: formatCount },
  { title: "cost", read: ({ cost }) => cost, print: formatMoney },
  { title: "time", read: ({ timeMs }) => timeMs, print: formatElapsed },
];

function cell(value: number | null, print: (value: number) => string): string {
  return value === null ? "?" : print(value);
}

function withCommas(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
}
