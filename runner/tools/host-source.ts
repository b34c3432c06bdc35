import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";

const require = createRequire(import.meta.url);

/** Whether this Node runs TypeScript files by itself. */
export const stripsTypes = Boolean((process.features as { typescript?: unknown }).typescript);

export const transpilerUrl = pathToFileURL(require.resolve("sucrase")).href;

/**
 * Where a process for modules finds a file of this folder. Built, that is the file; from source on a Node that does not
 * strip types, it is its text without types, which works for files that import only Node's own modules.
 */
export function hostSource(name: string): URL {
  const built = import.meta.url.endsWith(".js");
  const file = new URL(`./${name}${built ? ".js" : ".ts"}`, import.meta.url);
  if (built || stripsTypes) return file;
  const { transform } = require("sucrase") as typeof import("sucrase");
  const { code } = transform(readFileSync(fileURLToPath(file), "utf8"), {
    transforms: ["typescript"],
    disableESTransforms: true,
  });
  return new URL(`data:text/javascript,${encodeURIComponent(code)}`);
}
