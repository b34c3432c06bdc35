import { watch } from "node:fs";
import { dirname } from "node:path";

const settleMs = 120;

/** Notices changes of files, also those that happen while nobody waits. */
export class FileWatch {
  #stop: () => void = () => undefined;
  #files = "";
  #changed = false;
  #wake: () => void = () => undefined;

  /** From now on these files count, and every program beside them: a new import may name it. */
  follow(files: readonly string[]): void {
    const key = [...files].sort().join("\n");
    if (key === this.#files) return;
    this.#files = key;
    this.#stop();
    this.#stop = watchFiles(files, () => {
      this.#changed = true;
      this.#wake();
    });
  }

  /** What has changed so far has been seen. */
  forget(): void {
    this.#changed = false;
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

/** Editors write several times, so the change is told when the files are quiet. */
function watchFiles(files: readonly string[], onChange: () => void): () => void {
  const wanted = new Set(files);
  let timer: NodeJS.Timeout | undefined;
  // Editors replace files, which ends a watch on the file itself: so the folders are watched.
  const watchers = [...new Set(files.map((file) => dirname(file)))].map((folder) =>
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
