import type { RunDetail } from "../../runner/index.ts";
import { now } from "../system-clock.ts";
import type { Terminal } from "../terminal.ts";
import { wrapText } from "../wrap-text.ts";
import { cutToWidth } from "./display-width.ts";
import { formatTime, usageFigures } from "./figures.ts";
import { LiveRegion } from "./live-region.ts";
import type { Progress } from "./progress.ts";
import { stepTree } from "./step-tree.ts";
import { treeLines } from "./tree-lines.ts";

const frameMs = 90;
/** Most of the time is the run's: after a picture that took long comes a rest of so many times as long. */
const restPerWork = 9;
const finalRows = 200;

/** A tree of steps that is drawn over ten times a second. */
export function treeProgress(terminal: Terminal): Progress {
  const region = new LiveRegion(terminal);
  let run: RunDetail | null = null;
  let notes: readonly string[] = [];
  let suspended = false;
  let frame = 0;

  const draw = (): void => {
    frame += 1;
    if (run !== null && !suspended)
      region.draw(picture({ run, notes, frame, terminal, rows: terminal.size().rows - 3 }));
  };
  const drawOn = (): void => {
    const began = now();
    draw();
    timer = later(Math.max(frameMs, restPerWork * (now() - began)));
  };
  // The picture must not keep the process alive.
  const later = (ms: number): NodeJS.Timeout => setTimeout(drawOn, ms).unref();
  let timer = later(frameMs);

  return {
    update(next) {
      run = next;
    },
    note(text) {
      notes = [...notes, text];
      draw();
    },
    suspend() {
      suspended = true;
      region.clear();
    },
    resume() {
      suspended = false;
      draw();
    },
    finish(last) {
      clearTimeout(timer);
      if (!suspended)
        region.draw(picture({ run: last, notes: [], frame, terminal, rows: finalRows }));
      region.finish();
    },
  };
}

interface Picture {
  readonly run: RunDetail;
  readonly notes: readonly string[];
  readonly frame: number;
  readonly terminal: Terminal;
  readonly rows: number;
}

function picture({ run, notes, frame, terminal, rows }: Picture): readonly string[] {
  const { columns } = terminal.size();
  const colors = terminal.errColors;
  const style = { colors, columns: columns - 1, nowMs: now(), frame };
  const tree = treeLines(stepTree(run.steps), Math.max(3, rows - notes.length), style);
  return [
    cutToWidth(`${colors.bold(run.flow)} ${colors.dim(run.id)}`, style.columns),
    ...tree,
    cutToWidth(summaryLine(run, terminal), style.columns),
    ...notes.flatMap((note) => wrapText(note, style.columns)).map((line) => colors.yellow(line)),
  ];
}

/** `✓ succeeded · 3.2s · 4 steps done · 1.2k tokens · $0.0021`. */
export function summaryLine(run: RunDetail, { errColors }: Pick<Terminal, "errColors">): string {
  const { bold, dim, green, red, yellow } = errColors;
  const ended: Readonly<Partial<Record<RunDetail["status"], string>>> = {
    succeeded: green("✓ succeeded"),
    failed: red("✗ failed"),
    cancelled: red("⊘ cancelled"),
    waiting: yellow("◔ waiting"),
    paused: yellow("◔ paused"),
  };
  const done = run.steps.filter(({ status }) => status === "succeeded").length;
  const parts = [
    bold(ended[run.status] ?? run.status),
    formatTime(run.startedAtMs, run.endedAtMs, now()) ?? "",
    `${done} ${done === 1 ? "step" : "steps"} done`,
    ...usageFigures(run),
  ];
  return parts.filter((part) => part !== "").join(dim(" · "));
}
