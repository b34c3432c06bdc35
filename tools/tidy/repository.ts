import { readFileSync } from "node:fs";
import { join } from "node:path";

import { listFiles } from "./list-files.ts";
import type { Repository } from "./rule.ts";
import { parseSourceFile } from "./source-file.ts";

/** Test data in any shape, which no rule may judge. */
const testData = /(^|\/)(fixtures|goldens|programs|__snapshots__)\//;

const isText = /\.(ts|js|json|ya?ml|md|agentflow|sh|txt)$|(^|\/)(LICENSE|run)$/;

export function readRepository(root: string): Repository {
  const paths = listFiles(root, [""]).filter((path) => isText.test(path));
  return repositoryOf(
    Object.fromEntries(paths.map((path) => [path, readFileSync(join(root, path), "utf8")])),
  );
}

/** A repository from paths and texts, so that a test can plant a violation without touching the disk. */
export function repositoryOf(files: Readonly<Record<string, string>>): Repository {
  const entries = Object.entries(files);
  return {
    texts: new Map(entries),
    sources: entries
      .filter(([path]) => path.endsWith(".ts") && !testData.test(path))
      .map(([path, text]) => parseSourceFile(path, text)),
  };
}
