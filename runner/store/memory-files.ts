interface MemoryFile {
  readonly bytes: Uint8Array;
  readonly atMs: number;
}

/** Files of a store in memory, by their hashes. */
export class MemoryFiles {
  private readonly files = new Map<string, MemoryFile>();
  private readonly now: () => number;

  constructor(now: () => number) {
    this.now = now;
  }

  read(sha256: string): Promise<Uint8Array | null> {
    return Promise.resolve(this.files.get(sha256)?.bytes ?? null);
  }

  write(sha256: string, bytes: Uint8Array): Promise<void> {
    this.files.set(sha256, { bytes: bytes.slice(), atMs: this.now() });
    return Promise.resolve();
  }

  /** Removes those that were stored before a time, if they may go; gives how many. */
  sweep(options: {
    readonly beforeMs: number;
    readonly limit: number;
    readonly mayGo: (sha256: string) => boolean;
  }): number {
    const { beforeMs, limit, mayGo } = options;
    const unused = [...this.files]
      .filter(([sha256, { atMs }]) => atMs < beforeMs && mayGo(sha256))
      .slice(0, limit);
    for (const [sha256] of unused) this.files.delete(sha256);
    return unused.length;
  }
}

/** Removes old files that nothing mentions; gives how many. */
export function sweepFiles(
  store: {
    readonly files: MemoryFiles;
    readonly runs: ReadonlyMap<string, object>;
    readonly cache: ReadonlyMap<string, object>;
    readonly states: { readonly values: ReadonlyMap<string, object> };
    readonly letters: { readonly byId: ReadonlyMap<string, object> };
    readonly log: { readonly events: readonly object[] };
  },
  { limit, filesBeforeMs = 0 }: { readonly limit: number; readonly filesBeforeMs?: number },
): number {
  const { files, runs, cache, states, letters, log } = store;
  let text: string | undefined;
  const mayGo = (sha256: string): boolean => {
    text ??= JSON.stringify([runs, cache, states.values, letters.byId, log.events], withMaps);
    return !text.includes(sha256);
  };
  return files.sweep({ beforeMs: filesBeforeMs, limit, mayGo });
}

function withMaps(_: string, value: unknown): unknown {
  return value instanceof Map ? [...(value as Map<unknown, unknown>).values()] : value;
}
