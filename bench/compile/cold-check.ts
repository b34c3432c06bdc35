/**
 * Checks the synthetic project once, in a process that has done nothing yet and begins as `agentflow check` does, and prints
 * the processor time of all threads in milliseconds. `compile.ts` starts it.
 */
import { optimiseLater } from "../../cli/short-lived.ts";
import { entryFile, generateProject, standardProject } from "./generate-project.ts";

optimiseLater("check", process.versions.node);
const { check } = await import("../../compiler/index.ts");

const files = [...generateProject(standardProject), entryFile(standardProject)];
const texts = new Map(files.map(({ path, text }) => [path, text]));
const start = process.cpuUsage();
const { diagnostics } = check({ read: (path) => texts.get(path) ?? null }, ["main.agentflow"]);
const { user, system } = process.cpuUsage(start);
if (diagnostics.length > 0) throw new Error("the project is not clean");
process.stdout.write(`${String((user + system) / 1_000)}\n`);
