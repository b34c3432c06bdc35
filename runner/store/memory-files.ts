/** Files of a store in memory, by their hashes. */
export class MemoryFiles {
  private readonly bytes = new Map<string, Uint8Array>();

  read(sha256: string): Promise<Uint8Array | null> {
    return Promise.resolve(this.bytes.get(sha256) ?? null);
  }

  write(sha256: string, bytes: Uint8Array): Promise<void> {
    this.bytes.set(sha256, bytes.slice());
    return Promise.resolve();
  }
}
