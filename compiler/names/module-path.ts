const ending = ".agentflow";

/** Path of the file that `import … from "specifier"` in `from` means; undefined for what no import may name. */
export function resolveImport(from: string, specifier: string): string | undefined {
  if (specifier.startsWith("std/")) return `${specifier}${ending}`;
  if (!specifier.startsWith("./") && !specifier.startsWith("../")) return undefined;
  return resolvePath(from, specifier + ending);
}

/** `path`, written in the file `from` and relative to it. */
export function resolvePath(from: string, path: string): string {
  const parts = from.split("/").slice(0, -1);
  for (const part of path.split("/")) {
    if (part === "." || part === "") continue;
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else parts.push(part);
  }
  return parts.join("/");
}

/** How the file `from` imports the file `path`: without its ending, `./` or `../` in front. */
export function importSpecifier(from: string, path: string): string {
  const bare = path.endsWith(ending) ? path.slice(0, -ending.length) : path;
  if (bare.startsWith("std/")) return bare;
  const here = from.split("/").slice(0, -1);
  const there = bare.split("/");
  let common = 0;
  while (common < here.length && common < there.length - 1 && here[common] === there[common])
    common += 1;
  const up = here.slice(common).map(() => "..");
  return [...(up.length === 0 ? ["."] : up), ...there.slice(common)].join("/");
}
