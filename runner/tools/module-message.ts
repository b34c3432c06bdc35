/** What the runner and a process that hosts a module say to each other. */
export type ToHost =
  | ({ readonly kind: "load" } & HostData)
  | {
      readonly kind: "call";
      readonly function: string;
      readonly input: { readonly [param: string]: unknown };
      readonly secrets: { readonly [name: string]: string };
      readonly idempotencyKey: string;
    }
  | { readonly kind: "abort" };

export type FromHost =
  | { readonly kind: "ready" }
  /** The module itself could not be loaded. */
  | { readonly kind: "broken"; readonly message: string }
  /** Something threw outside of a call's own course; the process ends. */
  | { readonly kind: "crashed"; readonly message: string }
  | { readonly kind: "returned"; readonly json: string; readonly files: readonly ReturnedFile[] }
  | {
      readonly kind: "threw";
      readonly code: string | null;
      readonly message: string;
      readonly retryAfterMs: number | null;
    }
  /** Returned what has no JSON, or too much of it. */
  | { readonly kind: "unusable"; readonly message: string };

export interface ReturnedFile {
  readonly name: string;
  readonly mime: string;
  readonly bytes: Uint8Array;
}

/** Stands in the JSON for the file with this index. */
export const fileMark = "$agentflow.file";

export interface HostData {
  readonly moduleUrl: string;
  /** Module with the loader hooks, when this Node does not strip types itself. */
  readonly hooksUrl: string | null;
  /** Where the hooks find the transpiler. */
  readonly transpilerUrl: string;
  /** The process that wants the module: without it there is nobody to work for. */
  readonly parentPid: number;
  /** Memory of the whole process, in bytes. */
  readonly maxResidentBytes: number;
  readonly maxJsonLength: number;
  readonly maxFileBytes: number;
  readonly fileMark: string;
}
