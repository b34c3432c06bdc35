import type { StepStatus } from "../../runner/index.ts";
import type { Colors } from "../terminal.ts";
import { cutToWidth, displayWidth } from "./display-width.ts";
import { formatTime, usageFigures } from "./figures.ts";
import type { StepNode } from "./step-tree.ts";

export interface TreeStyle {
  readonly colors: Colors;
  readonly columns: number;
  readonly nowMs: number;
  /** Which picture of the spinner. */
  readonly frame: number;
}

const spinner = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/** Draws the tree in at most `rows` lines: what is finished is folded first, what runs is shown longest. */
export function treeLines(
  nodes: readonly StepNode[],
  rows: number,
  style: TreeStyle,
): readonly string[] {
  for (const folding of [...foldings, tightest]) {
    const lines = layOut(nodes, folding, rows + 1);
    if (lines.length <= rows) return lines.map((line) => drawLine(line, style));
  }
  const lines = layOut(nodes, tightest, Number.POSITIVE_INFINITY);
  const shown = lines.slice(0, Math.max(0, rows - 1)).map((line) => drawLine(line, style));
  return [...shown, style.colors.dim(`… ${lines.length - rows + 1} more lines`)].slice(
    0,
    Math.max(1, rows),
  );
}

interface Folding {
  /** Inside of these nothing is shown. */
  readonly closed: (node: StepNode) => boolean;
  /** Of a list of siblings, at most so many of each status. */
  readonly perStatus: number;
}

const foldings: readonly Folding[] = [
  { closed: () => false, perStatus: Number.POSITIVE_INFINITY },
  {
    closed: (node) => isDone(node) && /^[[#]/.test(node.segment),
    perStatus: Number.POSITIVE_INFINITY,
  },
  { closed: isDone, perStatus: Number.POSITIVE_INFINITY },
  { closed: isDone, perStatus: 8 },
  { closed: isDone, perStatus: 3 },
];

const tightest: Folding = {
  closed: (node) => isDone(node) || node.status === "pending",
  perStatus: 1,
};

function isDone({ status }: StepNode): boolean {
  return (
    status === "succeeded" || status === "skipped" || status === "cancelled" || status === "undone"
  );
}

/** A line that is not drawn yet: of the tens of thousands that a large tree has, a screen shows a few. */
interface TreeLine {
  readonly branch: string;
  /** A step, or what stands for those that are left out. */
  readonly content: StepNode | string;
}

/** At most the first `most` lines of a tree. */
function layOut(nodes: readonly StepNode[], folding: Folding, most: number): readonly TreeLine[] {
  const lines: TreeLine[] = [];
  const add = (siblings: readonly StepNode[], indent: string): void => {
    const { shown, hidden } = thin(siblings, folding.perStatus);
    for (const [index, node] of shown.entries()) {
      if (lines.length >= most) return;
      const last = index === shown.length - 1 && hidden === "";
      lines.push({ branch: indent + (last ? "└ " : "├ "), content: node });
      if (!folding.closed(node)) add(node.children, indent + (last ? "  " : "│ "));
    }
    if (hidden !== "" && lines.length < most) lines.push({ branch: indent, content: hidden });
  };
  add(nodes, "");
  return lines;
}

function drawLine({ branch, content }: TreeLine, style: TreeStyle): string {
  if (typeof content !== "string") return nodeLine(content, branch, style);
  return cutToWidth(style.colors.dim(`${branch}└ … ${content}`), style.columns);
}

/** Keeps the first of each status; the rest is counted. */
function thin(
  nodes: readonly StepNode[],
  perStatus: number,
): { shown: readonly StepNode[]; hidden: string } {
  if (nodes.length <= perStatus) return { shown: nodes, hidden: "" };
  const seen = new Map<StepStatus, number>();
  const shown = nodes.filter(({ status }) => {
    const count = (seen.get(status) ?? 0) + 1;
    seen.set(status, count);
    return count <= perStatus;
  });
  const hidden = [...seen]
    .filter(([, count]) => count > perStatus)
    .map(([status, count]) => `${count - perStatus} ${status}`);
  return { shown, hidden: hidden.length === 0 ? "" : `${hidden.join(", ")}` };
}

function nodeLine(node: StepNode, branch: string, style: TreeStyle): string {
  const { colors, columns } = style;
  const left = `${colors.dim(branch)}${statusMark(node.status, style)} ${nodeName(node)}${calleeText(node, colors)}`;
  const right = facts(node, style);
  const room = columns - displayWidth(right) - 2;
  if (right === "") return cutToWidth(left, columns);
  // On a narrow terminal the name matters more than figures.
  if (room < 20) return cutToWidth(`${left}  ${right}`, columns);
  const cut = cutToWidth(left, room);
  const wide = Math.min(room, 56);
  return `${cut}${" ".repeat(Math.max(0, wide - displayWidth(cut)))}  ${right}`;
}

export function statusMark(
  status: StepStatus,
  { colors, frame }: Pick<TreeStyle, "colors" | "frame">,
): string {
  switch (status) {
    case "running":
      return colors.cyan(spinner[frame % spinner.length] ?? "");
    case "succeeded":
      return colors.green("✓");
    case "failed":
      return colors.red("✗");
    case "retrying":
      return colors.yellow("↻");
    case "waiting":
      return colors.yellow("◔");
    case "cancelled":
      return colors.dim("⊘");
    case "skipped":
      return colors.dim("–");
    case "undone":
      return colors.magenta("↶");
    case "pending":
      return colors.dim("○");
  }
}

function nodeName({ segment }: StepNode): string {
  if (segment.startsWith("#")) return `round ${segment.slice(1)}`;
  return segment.startsWith("!") ? segment.slice(1) : segment;
}

function calleeText({ view, segment }: StepNode, colors: Colors): string {
  if (view === null || view.callee === null || view.callee === segment) return "";
  return ` ${colors.dim(view.callee)}`;
}

function facts({ view }: StepNode, { colors, nowMs }: TreeStyle): string {
  if (view === null) return "";
  const parts: string[] = [];
  if (view.progress !== null) {
    const { done, failed, total } = view.progress;
    parts.push(total === null ? `${done} done` : `${done}/${total}`);
    if (failed > 0) parts.push(colors.red(`${failed} failed`));
  }
  if (view.attempt > 1) parts.push(colors.yellow(`attempt ${view.attempt}`));
  const time = formatTime(view.startedAtMs, view.endedAtMs, nowMs);
  if (time !== undefined) parts.push(time);
  parts.push(...usageFigures(view));
  const text = parts.join(colors.dim(" · "));
  const error =
    view.error === null || view.status === "succeeded"
      ? ""
      : colors.red(`${view.error.code}: ${view.error.message}`);
  return [colors.dim(text), error.replace(/\s+/g, " ")]
    .filter((part) => part !== colors.dim("") && part !== "")
    .join("  ");
}
