import { readdirSync, statSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";

import { didYouMean } from "../../base/did-you-mean.ts";
import { UserMistake } from "../user-mistake.ts";

const skippedFolders = new Set(["node_modules", "dist", "coverage"]);

/**
 * The programs meant by files and folders on a command line, as `/`-separated paths relative to `folder`, sorted.
 * No words mean everything below `folder`. Hidden folders and `node_modules` are not searched.
 */
export function findPrograms(words: readonly string[], folder: string): readonly string[] {
  const found = new Set<string>();
  for (const word of words.length === 0 ? ["."] : words) {
    const path = resolve(folder, word);
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) throw missingFile(word, folder);
    if (!stats.isDirectory()) found.add(shown(path, folder));
    else for (const file of programsBelow(path)) found.add(shown(file, folder));
  }
  if (found.size === 0) {
    throw new UserMistake(
      `there is no .agentflow file in ${words.length === 0 ? "this folder" : words.join(", ")}`,
      {
        hints: ["agentflow init makes a first one"],
      },
    );
  }
  return [...found].sort();
}

/** A file that a word of the command line names; the nearest name is offered when there is none. */
export function missingFile(word: string, folder: string): UserMistake {
  const name = word.split(/[\\/]/).at(-1) ?? word;
  const names = siblings(resolve(folder, word), name.startsWith("."));
  const [meant] = didYouMean(name, names);
  const place = word.slice(0, word.length - name.length);
  const hints = [
    ...(meant === undefined ? [] : [`did you mean ${place}${meant}?`]),
    ...(names.includes(`${name}.agentflow`) ? [`did you mean ${word}.agentflow?`] : []),
  ];
  return new UserMistake(`there is no file ${word}`, { hints: hints.slice(0, 1) });
}

/** Nobody who left out the dot means a hidden file. */
function siblings(path: string, hidden: boolean): readonly string[] {
  try {
    return readdirSync(resolve(path, "..")).filter((name) => hidden || !name.startsWith("."));
  } catch {
    return [];
  }
}

function programsBelow(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      return entry.name.startsWith(".") || skippedFolders.has(entry.name)
        ? []
        : programsBelow(path);
    }
    return entry.name.endsWith(".agentflow") ? [path] : [];
  });
}

function shown(path: string, folder: string): string {
  const short = relative(folder, path);
  return (short === "" || short.startsWith(`..${sep}..`) ? path : short).split(sep).join("/");
}
