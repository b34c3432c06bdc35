import type { Terminal } from "../terminal.ts";
import { lineProgress } from "./line-progress.ts";
import { silentProgress } from "./progress.ts";
import type { Progress } from "./progress.ts";
import { treeProgress } from "./tree-progress.ts";

export function chooseProgress(terminal: Terminal, quiet: boolean): Progress {
  if (quiet) return silentProgress;
  return terminal.live ? treeProgress(terminal) : lineProgress(terminal);
}
