import type { Readable } from "node:stream";

const maxLineLength = 8_000;

/**
 * Gives what a stream prints by lines, so that a secret is not cut in two and then not recognised. Of a line without
 * end only the beginning is kept: it would otherwise fill the memory of who reads it.
 */
export function printLines(stream: Readable, print: (line: string) => void): void {
  let pending = "";
  let skipping = false;
  const flush = (): void => {
    if (pending !== "" && !skipping) print(pending);
    pending = "";
  };
  stream.setEncoding("utf8");
  stream.on("data", (chunk: string) => {
    const [first = "", ...rest] = chunk.split("\n");
    pending += first;
    for (const line of rest) {
      flush();
      skipping = false;
      pending = line;
    }
    if (pending.length > maxLineLength) {
      flush();
      skipping = true;
    }
  });
  stream.on("end", flush);
  // A pipe that breaks belongs to a process that has ended, which is told elsewhere.
  stream.on("error", () => undefined);
}
