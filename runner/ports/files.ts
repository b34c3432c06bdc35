import type { FileValue } from "../../plan/expression.ts";

/** Bytes behind values of type `file`, kept once per content. */
export interface Files {
  /** Undefined when the store does not have them. */
  read(sha256: string): Promise<Uint8Array | undefined>;
  write(file: {
    readonly name: string;
    readonly mime: string;
    readonly bytes: Uint8Array;
  }): Promise<FileValue>;
}
