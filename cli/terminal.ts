import { createColors } from "picocolors";

import type { Environment } from "./environment.ts";

export type Colors = ReturnType<typeof createColors>;

/** Where a command writes: results to `out`, everything about them to `err`. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  readonly outColors: Colors;
  readonly errColors: Colors;
  /** Lines on `err` may be drawn over. */
  readonly live: boolean;
  /** Somebody sits there and can be asked. */
  readonly interactive: boolean;
  /** Width of `out` in characters; null when it is no terminal, and nothing has to be cut. */
  outColumns(): number | null;
  /** Width and height of `err`, in characters. */
  size(): { readonly columns: number; readonly rows: number };
  onResize(listener: () => void): () => void;
}

export interface TerminalOptions {
  readonly environment: Environment;
  /** `--no-color` and `--color`. */
  readonly color?: boolean | undefined;
}

export function systemTerminal({ environment, color }: TerminalOptions): Terminal {
  const { stdin, stdout, stderr } = process;
  const dumb = environment.variables["TERM"] === "dumb";
  // A reader that has seen enough (`agentflow runs list | head`) is no fault.
  for (const stream of [stdout, stderr]) stream.on("error", leaveOnClosedPipe);
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    outColors: createColors(wantsColor(environment, color, stdout.isTTY)),
    errColors: createColors(wantsColor(environment, color, stderr.isTTY)),
    live: stderr.isTTY && !dumb && isUnset(environment, "CI"),
    interactive: stdin.isTTY && stderr.isTTY,
    outColumns: () => (stdout.isTTY ? stdout.columns || 80 : null),
    size: () => ({ columns: stderr.columns || 80, rows: stderr.rows || 24 }),
    onResize: (listener) => {
      stderr.on("resize", listener);
      return () => stderr.off("resize", listener);
    },
  };
}

/** `--color` wins over NO_COLOR, which wins over FORCE_COLOR (no-color.org, force-color.org). */
export function wantsColor(
  environment: Environment,
  color: boolean | undefined,
  isTerminal: boolean,
): boolean {
  if (color !== undefined) return color;
  if (!isUnset(environment, "NO_COLOR")) return false;
  const forced = environment.variables["FORCE_COLOR"];
  if (forced !== undefined && forced !== "") return forced !== "0" && forced !== "false";
  return isTerminal && environment.variables["TERM"] !== "dumb";
}

function isUnset(environment: Environment, name: string): boolean {
  return (environment.variables[name] ?? "") === "";
}

function leaveOnClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
}
