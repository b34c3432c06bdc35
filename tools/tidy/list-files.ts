import { readdirSync } from "node:fs";
import { join } from "node:path";

/** Folders that hold no source of ours, wherever they are. `dist.` is a build under way. */
const skipped = /^(node_modules|dist|dist\..*|coverage|\.git|\.agentflow|results)$/;

/** Every file below the folders, as sorted paths relative to the root with `/` between names. */
export function listFiles(root: string, folders: readonly string[]): string[] {
  const files: string[] = [];
  const visit = (folder: string): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory() && !skipped.test(entry.name)) visit(path);
      if (entry.isFile()) files.push(path);
    }
  };
  for (const folder of folders) visit(folder);
  return files.sort();
}
