import { setFlagsFromString } from "node:v8";

/** Commands that read files, print and end. */
const shortCommands: ReadonlySet<string> = new Set([
  "check",
  "compile",
  "diff",
  "explain",
  "fmt",
  "graph",
]);

/**
 * How much code V8 runs before it asks whether a function is worth optimising. Seven times its usual budget: only what is hot
 * for longer than a second gets there.
 */
const patientBudget = 1_000_000;

/**
 * Lets V8 optimise later while a short command runs. The V8 of Node 20 otherwise spends as much time on optimising a check of
 * 20,000 lines as that takes: the code that comes out arrives when the check is over. Newer ones have a cheaper compiler
 * between the interpreter and the optimising one, and no such flag.
 *
 * To be called before any code is loaded that V8 keeps compiled, since that is bound to the flags.
 */
export function optimiseLater(command: string, nodeVersion: string): void {
  if (!isPatient(command, nodeVersion)) return;
  setFlagsFromString(`--interrupt-budget=${patientBudget}`);
}

export function isPatient(command: string, nodeVersion: string): boolean {
  return shortCommands.has(command) && nodeVersion.startsWith("20.");
}
