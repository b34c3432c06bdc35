import { expect, test } from "vitest";

import { LiveRegion } from "./live-region.ts";

/** The few control codes that a live region uses, as a terminal obeys them. */
class Screen {
  columns = 40;
  readonly lines: string[] = [""];
  row = 0;
  written = 0;
  cursorHidden = false;
  #resize: () => void = () => undefined;

  readonly terminal = {
    err: (text: string): void => this.#write(text),
    size: () => ({ columns: this.columns, rows: 24 }),
    onResize: (listener: () => void): (() => void) => {
      this.#resize = listener;
      return () => undefined;
    },
  };

  /** Breaks lines that have become too long, as most terminals do. */
  resize(columns: number): void {
    this.columns = columns;
    const below = this.lines.slice(this.row);
    const above = this.lines
      .slice(0, this.row)
      .flatMap((line) =>
        line === "" ? [""] : (line.match(new RegExp(`.{1,${columns}}`, "g")) ?? []),
      );
    this.lines.splice(0, this.lines.length, ...above, ...below);
    this.row = above.length;
    this.#resize();
  }

  #write(text: string): void {
    this.written += text.length;
    for (const [token = ""] of text.matchAll(/\x1b\[\??[0-9]*[A-Za-z]|\n|\r|[^\x1b\n\r]+/g)) {
      if (token === "\n") this.#newline();
      else if (token.endsWith("A") && token.startsWith("\x1b"))
        this.row -= Number(token.slice(2, -1));
      else if (token === "\x1b[0J") this.lines.length = this.row + 1;
      else if (token === "\x1b[?25l") this.cursorHidden = true;
      else if (token === "\x1b[?25h") this.cursorHidden = false;
      else if (token === "\x1b[K" || token === "\r") continue;
      else this.lines[this.row] = token;
      if (token === "\x1b[0J") this.lines[this.row] = "";
    }
  }

  #newline(): void {
    this.row += 1;
    this.lines[this.row] ??= "";
  }
}

test("lines are drawn over, and only what changed is written", () => {
  const screen = new Screen();
  const region = new LiveRegion(screen.terminal);
  region.draw(["one", "two", "three"]);
  expect(screen.lines).toEqual(["one", "two", "three", ""]);
  expect(screen.cursorHidden).toBe(true);
  const before = screen.written;
  region.draw(["one", "TWO", "three"]);
  expect(screen.lines).toEqual(["one", "TWO", "three", ""]);
  expect(screen.written - before).toBeLessThan(20);
  region.draw(["only"]);
  expect(screen.lines).toEqual(["only", ""]);
});

test("clear makes room, finish leaves the lines; both give the cursor back", () => {
  const screen = new Screen();
  const region = new LiveRegion(screen.terminal);
  region.draw(["a", "b"]);
  region.clear();
  expect(screen.lines).toEqual([""]);
  expect(screen.cursorHidden).toBe(false);
  region.draw(["c"]);
  region.finish();
  expect(screen.lines).toEqual(["c", ""]);
  expect(screen.cursorHidden).toBe(false);
});

test("after the terminal became narrower nothing of the old picture stays", () => {
  const screen = new Screen();
  const region = new LiveRegion(screen.terminal);
  region.draw(["a line of thirty characters ...", "short"]);
  screen.resize(20);
  region.draw(["new", "short"]);
  expect(screen.lines).toEqual(["new", "short", ""]);
});
