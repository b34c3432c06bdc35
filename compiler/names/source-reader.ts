/** Where module loading reads files; the caller's host. */
export interface SourceReader {
  /** Null for a file that does not exist. */
  read(path: string): string | null;
  list?(folder: string): readonly string[];
}
