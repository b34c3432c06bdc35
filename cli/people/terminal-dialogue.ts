import { createInterface } from "node:readline/promises";

import type { Terminal } from "../terminal.ts";
import type { FormDialogue } from "./answer-form.ts";

/** Talks to the person at the terminal until `signal` aborts; Ctrl-D and the abort end it with null. */
export function terminalDialogue(
  terminal: Terminal,
  signal: AbortSignal,
): FormDialogue & { close(): void } {
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: true });
  let left = false;
  lines.on("close", () => {
    left = true;
  });
  // While a line is edited the terminal hands Ctrl-C to us as a key.
  lines.on("SIGINT", () => {
    if (process.emit("SIGINT")) return;
    lines.close();
    process.kill(process.pid, "SIGINT");
  });
  return {
    say: (line) => terminal.err(`${line}\n`),
    async ask(prompt) {
      if (left || signal.aborted) return null;
      const closed = new AbortController();
      const onClose = (): void => closed.abort();
      lines.once("close", onClose);
      try {
        return await lines.question(prompt, { signal: AbortSignal.any([signal, closed.signal]) });
      } catch (error) {
        if (error instanceof Error && error.name === "AbortError") return null;
        throw error;
      } finally {
        lines.off("close", onClose);
      }
    },
    close: () => lines.close(),
  };
}
