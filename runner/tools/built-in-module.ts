import { hostSource } from "./host-source.ts";

/** Modules that come with agentflow, by package path. */
const builtIn = new Map([["agentflow/web", "web-page"]]);

/** Where a process for modules finds a built-in module; undefined for any other path. */
export function builtInModule(path: string): URL | undefined {
  const name = builtIn.get(path);
  return name === undefined ? undefined : hostSource(name);
}
