import { watch } from "node:fs";
import { dirname } from "node:path";

const settleMs = 120;

/** Calls back after any of the files was written; editors write several times, so it waits until they are quiet. */
export function watchFiles(files: readonly string[], onChange: () => void): () => void {
  const wanted = new Set(files);
  let timer: NodeJS.Timeout | undefined;
  // Editors replace files, which ends a watch on the file itself: so the folders are watched.
  const watchers = [...new Set(files.map((file) => dirname(file)))].map((folder) =>
    watch(folder, (_, name) => {
      if (name !== null && !wanted.has(`${folder}/${name}`)) return;
      clearTimeout(timer);
      timer = setTimeout(onChange, settleMs);
    }),
  );
  return () => {
    clearTimeout(timer);
    for (const watcher of watchers) watcher.close();
  };
}

/** Resolves at the next change of one of the files; rejects when the signal aborts. */
export async function nextChange(files: readonly string[], signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const stop = watchFiles(files, () => {
      stop();
      resolve();
    });
    signal.addEventListener("abort", () => {
      stop();
      reject(new Error("the watch was stopped"));
    });
  });
}
