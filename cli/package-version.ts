import { readFileSync } from "node:fs";

/** Version of this package, from its `package.json`, which is one folder up in the source and two in `dist`. */
export function packageVersion(): string {
  for (const candidate of ["../package.json", "../../package.json"]) {
    const version = versionIn(new URL(candidate, import.meta.url));
    if (version !== undefined) return version;
  }
  return "unknown";
}

function versionIn(url: URL): string | undefined {
  try {
    const content: unknown = JSON.parse(readFileSync(url, "utf8"));
    if (
      typeof content !== "object" ||
      content === null ||
      !("name" in content) ||
      !("version" in content)
    )
      return undefined;
    return content.name === "agentflow" ? String(content.version) : undefined;
  } catch {
    return undefined;
  }
}
