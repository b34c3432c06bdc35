import { displayWidth } from "./display-width.ts";
import type { Paint, Style } from "./theme.ts";

/** An underline below one source line, in columns counted from 0; `to` is exclusive. */
export interface Marker {
  readonly from: number;
  readonly to: number;
  readonly label: string;
  readonly style: Style;
  readonly sign: "^" | "-";
}

interface Mark {
  readonly text: string;
  readonly style: Style;
}

/**
 * The rows below a source line: underlines, the rightmost label beside its underline, and the other
 * labels hanging below theirs, so that no label covers another.
 */
export function markerRows(
  markers: readonly Marker[],
  options: { readonly room: number; readonly paint: Paint },
): string[] {
  if (markers.length === 0) return [];
  const sorted = [...markers].sort((a, b) => a.from - b.from || b.to - a.to);
  const underlines: Mark[] = [];
  // The primary underline is drawn last: it stays visible where two cover each other.
  for (const marker of [...sorted].sort((a, b) => signRank(a) - signRank(b))) {
    for (let column = marker.from; column < marker.to; column += 1) {
      underlines[column] = { text: marker.sign, style: marker.style };
    }
  }
  const last = sorted.at(-1);
  const alone = sorted.every((marker) => marker === last || marker.to <= (last?.from ?? 0));
  const beside = last !== undefined && alone && fitsBeside(last, options.room) ? last : undefined;
  const first = paintRow(underlines, options.paint);
  const inline =
    beside === undefined || beside.label === ""
      ? ""
      : ` ${options.paint(beside.style, beside.label)}`;
  const hanging = sorted.filter((marker) => marker !== beside && marker.label !== "");
  return [first + inline, ...hangingRows(hanging, options)];
}

function signRank(marker: Marker): number {
  return marker.sign === "^" ? 1 : 0;
}

function fitsBeside(marker: Marker, room: number): boolean {
  return marker.to + 1 + displayWidth(marker.label) <= room;
}

function hangingRows(
  markers: readonly Marker[],
  options: { readonly room: number; readonly paint: Paint },
): string[] {
  const rows: string[] = [];
  let pending = [...markers];
  if (pending.length > 0) rows.push(paintRow(connectors(pending), options.paint));
  while (pending.length > 0) {
    const marker = pending.at(-1);
    if (marker === undefined) break;
    pending = pending.slice(0, -1);
    const room = options.room - displayWidth(marker.label);
    const row = connectors(pending.filter(({ from }) => from < marker.from));
    const column = Math.min(marker.from, Math.max(room, row.length));
    row[column] = { text: marker.label, style: marker.style };
    rows.push(paintRow(row, options.paint));
  }
  return rows;
}

function connectors(markers: readonly Marker[]): Mark[] {
  const row: Mark[] = [];
  for (const { from, style } of markers) row[from] = { text: "|", style };
  return row;
}

/** Neighbours of one style are painted at once, so that the output stays short. */
function paintRow(marks: readonly (Mark | undefined)[], paint: Paint): string {
  let row = "";
  let run: Mark = { text: "", style: "plain" };
  // An index loop, because the row has holes, which are blanks.
  for (let column = 0; column < marks.length; column += 1) {
    const mark = marks[column] ?? { text: " ", style: "plain" };
    if (mark.style === run.style) run = { text: run.text + mark.text, style: run.style };
    else {
      row += paint(run.style, run.text);
      run = mark;
    }
  }
  return row + paint(run.style, run.text);
}
