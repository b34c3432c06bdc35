import { createHash } from "node:crypto";
import { readFileSync, readdirSync, watch } from "node:fs";
import { dirname, join } from "node:path";

const settleMs = 120;

/** Notices changes of files, also those that happen while nobody waits. Only another content is a change: saving is noisy. */
export class FileWatch {
  #stop: () => void = () => undefined;
  #files: readonly string[] = [];
  #seen = "";
  #changed = false;
  #wake: () => void = () => undefined;

  /** From now on these files count, and every program beside them: a new import may name it. */
  follow(files: readonly string[]): void {
    const sorted = [...files].sort();
    if (sorted.join("\n") === this.#files.join("\n")) return;
    this.#files = sorted;
    this.#seen = fingerprint(sorted);
    this.#stop();
    this.#stop = watchFiles(sorted, () => {
      const seen = fingerprint(sorted);
      if (seen === this.#seen) return;
      this.#seen = seen;
      this.#changed = true;
      this.#wake();
    });
  }

  /** What has changed so far has been seen. */
  forget(): void {
    this.#changed = false;
    this.#seen = fingerprint(this.#files);
  }

  /** True at the next change, at once if there was one already; false when the signal aborts. */
  async next(signal: AbortSignal): Promise<boolean> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      signal.addEventListener("abort", () => resolve());
      if (this.#changed || signal.aborted) resolve();
    });
    return !signal.aborted;
  }

  close(): void {
    this.#stop();
  }
}

/** Stands for the contents of the files, and of every program beside them. */
function fingerprint(files: readonly string[]): string {
  const hash = createHash("sha256");
  for (const file of new Set([...files, ...foldersOf(files).flatMap(programsIn)]))
    hash.update(`${file}\n`).update(contentOf(file)).update("\n");
  return hash.digest("hex");
}

function programsIn(folder: string): readonly string[] {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith(".agentflow"));
    return names.sort().map((name) => join(folder, name));
  } catch {
    return [];
  }
}

/** A file that can't be read is one whose content is not known. */
function contentOf(file: string): Buffer | string {
  try {
    return readFileSync(file);
  } catch {
    return "";
  }
}

function foldersOf(files: readonly string[]): readonly string[] {
  return [...new Set(files.map((file) => dirname(file)))];
}

/** Editors write several times, so the change is told when the files are quiet. */
function watchFiles(files: readonly string[], onChange: () => void): () => void {
  const wanted = new Set(files);
  let timer: NodeJS.Timeout | undefined;
  // Editors replace files, which ends a watch on the file itself: so the folders are watched.
  const watchers = foldersOf(files).map((folder) =>
    watch(folder, (_, name) => {
      const counts =
        name === null || name.endsWith(".agentflow") || wanted.has(`${folder}/${name}`);
      if (!counts) return;
      clearTimeout(timer);
      timer = setTimeout(onChange, settleMs);
    }),
  );
  return () => {
    clearTimeout(timer);
    for (const watcher of watchers) watcher.close();
  };
}
