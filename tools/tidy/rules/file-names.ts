import { posix } from "node:path";

import type { Rule } from "../rule.ts";

/** Names that say nothing about what is inside. */
const empty = /^(utils?|helpers?|common|misc|shared|stuff|lib|functions|constants|types)$/;

/** Files and folders are named in kebab case after what they hold. */
export const fileNames: Rule = ({ sources }) =>
  sources.flatMap(({ path }) => {
    const message = faultOf(path);
    return message === undefined ? [] : [{ file: path, line: 1, message }];
  });

function faultOf(path: string): string | undefined {
  const parts = path.split("/").map((part) => posix.basename(part, ".ts"));
  for (const part of parts) {
    const name = part.replace(/\.(test|config|fixture|bench)$/, "");
    if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) return `${part} is not in kebab case`;
  }
  const last = (parts.at(-1) ?? "").replace(/\.test$/, "");
  // A language has types and constants, which its tests may be about.
  if (path.endsWith(".test.ts") && /^(types|constants|functions)$/.test(last)) return undefined;
  return empty.test(last) ? `${last}.ts says nothing; name it after its main export` : undefined;
}
