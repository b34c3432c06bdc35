import { threadSource } from "./module-thread-source.ts";

/** Modules that come with agentflow, by package path. */
const builtIn = new Map([["agentflow/web", "web-page"]]);

/** Where a thread finds a built-in module; undefined for any other path. */
export function builtInModule(path: string): URL | undefined {
  const name = builtIn.get(path);
  return name === undefined ? undefined : threadSource(name);
}
