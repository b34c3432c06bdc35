import type { Terminal } from "../terminal.ts";
import { displayWidth } from "./display-width.ts";

const escape = String.fromCharCode(27);
const hideCursor = `${escape}[?25l`;
const showCursor = `${escape}[?25h`;
const clearLine = `${escape}[K`;
const clearBelow = `${escape}[0J`;

/** Lines at the end of the terminal that are drawn over; only lines that changed are written. */
export class LiveRegion {
  readonly #terminal: Pick<Terminal, "err" | "size" | "onResize">;
  #lines: readonly string[] = [];
  #hidden = false;
  #resized = false;
  readonly #stopListening: () => void;

  constructor(terminal: Pick<Terminal, "err" | "size" | "onResize">) {
    this.#terminal = terminal;
    this.#stopListening = terminal.onResize(() => {
      this.#resized = true;
    });
  }

  draw(lines: readonly string[]): void {
    if (this.#resized) this.#forgetLayout();
    const old = this.#lines;
    let text = this.#hidden ? "" : hideCursor;
    this.#hidden = true;
    if (old.length > 0) text += `${escape}[${old.length}A\r`;
    for (const [index, line] of lines.entries())
      text += line === old[index] ? "\n" : `${line}${clearLine}\n`;
    if (old.length > lines.length) text += clearBelow;
    this.#lines = lines;
    if (text !== "") this.#terminal.err(text);
  }

  /** Takes the lines away, so that something else can be written. */
  clear(): void {
    if (this.#resized) this.#forgetLayout();
    if (this.#lines.length > 0)
      this.#terminal.err(`${escape}[${this.#lines.length}A\r${clearBelow}`);
    this.#lines = [];
    this.#release();
  }

  /** Leaves the lines where they are. */
  finish(): void {
    this.#lines = [];
    this.#release();
    this.#stopListening();
  }

  #release(): void {
    if (this.#hidden) this.#terminal.err(showCursor);
    this.#hidden = false;
  }

  /** A terminal that became narrower has broken our lines in two: go up by what they take now, and start afresh. */
  #forgetLayout(): void {
    this.#resized = false;
    const { columns } = this.#terminal.size();
    let rows = 0;
    for (const line of this.#lines) rows += Math.max(1, Math.ceil(displayWidth(line) / columns));
    if (rows > 0) this.#terminal.err(`${escape}[${rows}A\r${clearBelow}`);
    this.#lines = [];
  }
}
