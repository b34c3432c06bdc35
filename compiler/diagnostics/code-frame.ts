import { displayLine } from "./display-line.ts";
import type { DisplayLine } from "./display-line.ts";
import { markerRows } from "./marker-rows.ts";
import type { Marker } from "./marker-rows.ts";
import type { SourceLines } from "./source-lines.ts";
import type { Paint, Style } from "./theme.ts";

/** A marked stretch of one file. */
export interface Annotation {
  readonly start: number;
  readonly end: number;
  readonly label: string;
  readonly style: Style;
  readonly primary: boolean;
}

export interface FrameOptions {
  readonly source: SourceLines;
  /** At least one. */
  readonly annotations: readonly Annotation[];
  /** Columns that a whole printed row may take. */
  readonly width: number;
  /** Columns of the line numbers. */
  readonly gutter: number;
  readonly paint: Paint;
}

/** Source lines with their numbers, and what is marked in them underneath. */
export function codeFrame(options: FrameOptions): string[] {
  const placed = options.annotations.map((annotation) => place(annotation, options.source));
  // One bar at the side is readable, several are not: further long stretches show their first line only.
  const barred =
    placed.find(({ annotation, first, last }) => annotation.primary && last > first) ??
    placed.find(({ first, last }) => last > first);
  const rows: string[] = [];
  let previous = 0;
  for (const line of shownLines(placed, barred, options.source)) {
    if (previous > 0 && line > previous + 1) rows.push(gapRow(options, barred, line));
    rows.push(...lineRows({ ...options, line, placed, barred }));
    previous = line;
  }
  return rows;
}

interface Placed {
  readonly annotation: Annotation;
  readonly first: number;
  readonly last: number;
}

function place(annotation: Annotation, source: SourceLines): Placed {
  const first = source.position(annotation.start).line;
  // A stretch that ends with a line break ends on the line before it, for a reader.
  const lastOffset = Math.max(annotation.start, annotation.end - 1);
  return { annotation, first, last: source.position(lastOffset).line };
}

/** Lines that carry a mark, and single lines between two of them: `...` would take as much room. */
function shownLines(
  placed: readonly Placed[],
  barred: Placed | undefined,
  source: SourceLines,
): number[] {
  const marked = new Set(placed.map(({ first }) => first));
  if (barred !== undefined) {
    marked.add(barred.last);
    // The first lines inside a long stretch tell the reader what it is.
    for (let line = barred.first + 1; line <= Math.min(barred.first + 2, barred.last); line += 1) {
      marked.add(line);
    }
  }
  for (const line of marked) {
    if (marked.has(line + 2) && line + 1 < source.count) marked.add(line + 1);
  }
  return [...marked].sort((a, b) => a - b);
}

interface LineOptions extends FrameOptions {
  readonly line: number;
  readonly placed: readonly Placed[];
  readonly barred: Placed | undefined;
}

function lineRows(options: LineOptions): string[] {
  const { line, placed, barred, source, paint } = options;
  const room = Math.max(20, options.width - options.gutter - (barred === undefined ? 3 : 5));
  const here = placed.filter(({ first }) => first === line);
  const ends = barred?.last === line && barred.first !== line;
  const focus = here.find(({ annotation }) => annotation.primary) ?? here[0];
  const shown = cut({
    source,
    line,
    room,
    focus: ends ? barred.annotation.end : focus?.annotation,
  });
  const starting = barred?.first === line && isFirstOnLine(barred.annotation.start, shown.line);
  const markers = here
    .filter((one) => one !== barred)
    .map(({ annotation }) => markerOf(annotation, shown));
  const bar = (text: string, style: Style = "plain"): string =>
    barred === undefined ? "" : `${paint(style, text)} `;
  const style = barred?.annotation.style ?? "plain";
  const inside = barred !== undefined && line > barred.first && line <= barred.last;

  const rows = [numbered(options, bar(starting ? "/" : inside ? "|" : " ", style) + shown.text)];
  if (barred?.first === line && !starting) {
    const column = shown.column(barred.annotation.start);
    rows.push(unnumbered(options, ` ${paint(style, `_${"_".repeat(column)}^`)}`));
  }
  const barBelow = inside || (barred?.first === line && line < barred.last) ? "|" : " ";
  for (const row of markerRows(markers, { room, paint })) {
    rows.push(unnumbered(options, bar(barBelow, style) + row));
  }
  if (ends) {
    const column = Math.max(0, shown.column(barred.annotation.end) - 1);
    const label = barred.annotation.label === "" ? "" : ` ${barred.annotation.label}`;
    rows.push(unnumbered(options, paint(style, `|${"_".repeat(column + 1)}^${label}`)));
  }
  return rows;
}

function numbered(options: LineOptions, text: string): string {
  const number = String(options.line).padStart(options.gutter);
  return `${options.paint("gutter", `${number} |`)} ${text}`.trimEnd();
}

function unnumbered(options: FrameOptions, text: string): string {
  return `${options.paint("gutter", `${" ".repeat(options.gutter)} |`)} ${text}`.trimEnd();
}

function gapRow(options: FrameOptions, barred: Placed | undefined, nextLine: number): string {
  const inside = barred !== undefined && nextLine > barred.first && nextLine <= barred.last;
  const bar = inside ? ` ${options.paint(barred.annotation.style, "|")}` : "";
  const dots = bar === "" ? "..." : "...".padEnd(options.gutter + 2);
  return options.paint("gutter", dots) + bar;
}

function isFirstOnLine(offset: number, line: DisplayLine): boolean {
  const first = line.cells.find((cell) => cell.text.trim() !== "");
  return first === undefined || first.offset >= offset;
}

/** The part of a line that fits beside the line numbers. */
interface Shown {
  readonly line: DisplayLine;
  readonly text: string;
  /** Column in the shown text; places that were cut off are at its edges. */
  column(offset: number): number;
}

/** Characters kept on each side of the place of interest before columns are counted; a line may be megabytes. */
const farthest = 600;

function cut(options: {
  readonly source: SourceLines;
  readonly line: number;
  readonly room: number;
  readonly focus: Annotation | number | undefined;
}): Shown {
  const { source, room, focus } = options;
  const [lineStart, lineEnd] = [source.start(options.line), source.end(options.line)];
  const at = typeof focus === "number" ? focus : (focus?.start ?? lineStart);
  const from = at - lineStart <= farthest ? lineStart : at - farthest;
  const to = Math.min(lineEnd, at + farthest);
  const line = displayLine(source.text.slice(from, to), from);
  const whole = from === lineStart && to === lineEnd;
  if (whole && line.width <= room) {
    const text = line.cells.map((cell) => cell.text).join("");
    return { line, text, column: (offset) => line.columnOf(offset) };
  }
  const focusEnd = typeof focus === "number" ? focus : (focus?.end ?? at);
  return windowOf({ line, room, from: line.columnOf(at), to: line.columnOf(focusEnd), whole });
}

function windowOf(options: {
  readonly line: DisplayLine;
  readonly room: number;
  readonly from: number;
  readonly to: number;
  readonly whole: boolean;
}): Shown {
  const { line, room, from, to } = options;
  // A third of the room before the place, so that both sides can be read; more if all of it then fits.
  const wanted = Math.max(from - Math.floor(room / 3), Math.min(to - room + 2, from - 2));
  const last = Math.max(0, line.width - room + (options.whole ? 0 : 1));
  const left = Math.max(0, Math.min(wanted, last));
  const visible = line.cells.filter(
    ({ column, width }) => column >= left && column + width <= left + room,
  );
  const texts = visible.map((cell) => cell.text);
  const clipped = (index: number): string => "…".padEnd(visible[index]?.width ?? 1);
  if (left > 0) texts[0] = clipped(0);
  const end = visible.at(-1);
  if (end !== undefined && end.column + end.width < line.width) {
    texts[texts.length - 1] = clipped(texts.length - 1);
  }
  const origin = visible[0]?.column ?? 0;
  const width = end === undefined ? 0 : end.column + end.width - origin;
  return {
    line,
    text: texts.join(""),
    column: (offset) => Math.max(0, Math.min(line.columnOf(offset) - origin, width)),
  };
}

function markerOf(annotation: Annotation, shown: Shown): Marker {
  const from = shown.column(annotation.start);
  const lineEnd = shown.line.cells.at(-1);
  const behind = lineEnd === undefined ? annotation.start : lineEnd.offset + lineEnd.text.length;
  const to = shown.column(Math.min(annotation.end, behind));
  return {
    from,
    to: Math.max(from + 1, to),
    label: annotation.label,
    style: annotation.style,
    sign: annotation.primary ? "^" : "-",
  };
}
