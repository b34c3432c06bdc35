import type { Json } from "../../plan/expression.ts";
import type { Program } from "../../plan/plan.ts";
import type { Clock } from "../ports/clock.ts";
import type { CallFailure, Usage } from "../ports/call-outcome.ts";
import type { Files } from "../ports/files.ts";
import type { ModelProvider } from "../ports/model.ts";
import type { HttpPort, ModulePort } from "../ports/tool.ts";
import type { Store } from "../ports/store.ts";

/** What the steps of one program need from the world. */
export interface StepContext {
  readonly program: Program;
  /** Values of `config`, the secret ones too. They reach providers and tools, never a history. */
  readonly config: { readonly [name: string]: Json };
  /** The secret ones among them, as text. */
  readonly secrets: readonly string[];
  /** Folder of the entry file, where the paths of modules start. */
  readonly folder: string;
  readonly clock: Clock;
  readonly files: Files;
  readonly models: ModelProvider;
  /** Every model is replaced: nothing is charged, and no key is needed. */
  readonly mocked: boolean;
  readonly http: HttpPort;
  readonly modules: ModulePort;
  /** What one value may have as JSON; 64 MiB unless told. */
  readonly maxValueBytes?: number | undefined;
  /** Embeddings may begin at once unless told. */
  readonly passEmbedding?: PassEmbedding | undefined;
  readonly store: Pick<Store, "recall" | "keepVector" | "vectors" | "readState" | "permits">;
}

/**
 * Waits until a request for the place of a text may begin. `model` is null for one that the plan does not name: only what limits all models
 * holds for it.
 */
export type PassEmbedding = (
  program: Program,
  request: { readonly model: string | null; readonly run: string; readonly path: string },
  signal: AbortSignal,
) => Promise<EmbeddingPass>;

export type EmbeddingPass =
  /** `leave` with the code of its failure, null when there was none. */
  | { readonly kind: "passed"; leave(code: string | null): void }
  | { readonly kind: "refused"; readonly code: string; readonly message: string };

/** What an activity gave, as the history keeps it. */
export type StepResult =
  | { readonly ok: true; readonly output: Json; readonly spent?: Spent }
  | {
      readonly ok: false;
      readonly code: string;
      readonly message: string;
      readonly retryAfterMs?: number;
      readonly spent?: Spent;
    };

export interface Spent {
  readonly tokensIn: number;
  readonly tokensOut: number;
  /** Dollars. */
  readonly cost: number;
}

export function toResult(failure: CallFailure, spent?: Spent): StepResult {
  const { code, message, retryAfterMs } = failure;
  return {
    ok: false,
    code,
    message,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(spent === undefined ? {} : { spent }),
  };
}

/** What usage costs, to the micro-dollar. */
export function priced(
  usage: Usage,
  price: { readonly input: number; readonly output: number } | undefined,
): Spent {
  const { tokensIn, tokensOut } = usage;
  const cost =
    price === undefined
      ? 0
      : Math.round(tokensIn * price.input + tokensOut * price.output) / 1_000_000;
  return { tokensIn, tokensOut, cost };
}
