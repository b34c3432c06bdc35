import { readdirSync, statSync, type Stats } from "node:fs";
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
    const stats = statsOf(path);
    if (stats === null) throw missingFile(word, folder);
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

/** Null when there is nothing. A part of the path that is a file is another fault, which Node 24 tells only to those who let it throw. */
function statsOf(path: string): Stats | null {
  try {
    return statSync(path);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

/** A file that a word of the command line names; the nearest name is offered when there is none, programs first. */
export function missingFile(word: string, folder: string): UserMistake {
  const name = word.split(/[\\/]/).at(-1) ?? word;
  const place = word.slice(0, word.length - name.length);
  const { programs, others } = siblings(resolve(folder, word), name.startsWith("."));
  const stem = stemOf(name);
  const stems = programs.map(stemOf);
  // The ending all programs share would make any two of them look alike.
  const near = stems.includes(stem) ? [stem] : didYouMean(stem, stems);
  const [meant] = [
    ...near.map((one) => `${one}${ending}`),
    ...(name.endsWith(ending) ? [] : didYouMean(name, others)),
  ];
  return new UserMistake(`there is no file ${word}`, {
    hints: meant === undefined ? [] : [`did you mean ${place}${meant}?`],
  });
}

const ending = ".agentflow";

function stemOf(name: string): string {
  return name.endsWith(ending) ? name.slice(0, -ending.length) : name;
}

interface Siblings {
  /** Files that end in `.agentflow`. */
  readonly programs: readonly string[];
  readonly others: readonly string[];
}

/** Nobody who left out the dot means a hidden file, and nobody means the folder of the store. */
function siblings(path: string, hidden: boolean): Siblings {
  try {
    const entries = readdirSync(resolve(path, ".."), { withFileTypes: true }).filter(
      ({ name }) => name !== ending && (hidden || !name.startsWith(".")),
    );
    const isProgram = (entry: (typeof entries)[number]): boolean =>
      !entry.isDirectory() && entry.name.endsWith(ending);
    return {
      programs: entries.filter(isProgram).map(({ name }) => name),
      others: entries.filter((entry) => !isProgram(entry)).map(({ name }) => name),
    };
  } catch {
    return { programs: [], others: [] };
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
    return entry.name.endsWith(ending) ? [path] : [];
  });
}

function shown(path: string, folder: string): string {
  const short = relative(folder, path);
  return (short === "" || short.startsWith(`..${sep}..`) ? path : short).split(sep).join("/");
}
