import { commandLine } from "./command-line.ts";
import { systemEnvironment } from "./environment.ts";

void main();

async function main(): Promise<void> {
  const exitCode = await commandLine(process.argv.slice(2), systemEnvironment());
  // Handles that a command left open must not keep the process; what it wrote must arrive all the same.
  await Promise.all([process.stdout, process.stderr].map(flushed));
  process.exit(exitCode);
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write("", () => resolve());
  });
}
