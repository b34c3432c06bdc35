import type { Json } from "../../plan/expression.ts";
import type { CallOutcome } from "./call-outcome.ts";

/** One HTTP exchange, with every expression of the tool already evaluated. */
export interface HttpCall {
  readonly method: string;
  readonly url: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: HttpBody;
  /** The tool's own codes by status; they win over the general ones. */
  readonly errorsByStatus: { readonly [status: string]: string };
  /** The answer's body means nothing to the program and is not read. */
  readonly ignoreBody: boolean;
  /** The program wants text, so an answer such as `42` is not a number unless it calls itself JSON. */
  readonly expectsText: boolean;
  /** Secrets that stand in the request: removed from every message. */
  readonly secrets: readonly string[];
}

export type HttpBody =
  | { readonly kind: "none" }
  | { readonly kind: "json"; readonly value: Json }
  | { readonly kind: "bytes"; readonly mime: string; readonly bytes: Uint8Array };

/** A function of a TypeScript or JavaScript module. */
export interface ModuleCall {
  /** Absolute path, or a package path such as `agentflow/web`. */
  readonly module: string;
  readonly function: string;
  /** By parameter: JSON, with a `FileContent` for each value of type `file`. */
  readonly input: { readonly [param: string]: unknown };
  readonly secrets: { readonly [name: string]: string };
  readonly idempotencyKey: string;
  /** Codes it may raise beside the standard ones. */
  readonly codes: readonly string[];
}

/** How a module sees a file, and how it returns one (without `size`). */
export interface FileContent {
  readonly name: string;
  readonly mime: string;
  readonly size: number;
  readonly bytes: Uint8Array;
}

/** The answer is JSON that the caller still has to check against the tool's type. Aborting gives `cancelled`. */
export interface HttpPort {
  call(call: HttpCall, signal: AbortSignal): Promise<CallOutcome>;
}

/** How a call learns that it is to stop. The signal is made when it is first asked for, because making one costs as much as a short step. */
export interface Stop {
  readonly signal: AbortSignal;
}

export interface ModulePort {
  call(call: ModuleCall, stop: Stop): Promise<CallOutcome>;
  /** Null when the function can be called; else why not. */
  check(call: { readonly module: string; readonly function: string }): Promise<string | null>;
  close(): Promise<void>;
}
