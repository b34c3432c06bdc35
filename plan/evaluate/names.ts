import type { Json } from "../expression.ts";
import type { Problem } from "../problem.ts";

/** What an expression sees. */
export interface Names {
  /** A parameter, `let`, step, state, loop variable or context name; undefined if there is none. */
  lookup(name: string): Json | undefined;
  config(name: string): Json | undefined;
}

export type Evaluator = (names: Names) => Json;

/**
 * The one way in which an expression can fail: a value of type `json`, or of an annotated `let`, does not have the form
 * it must have. The error code is `invalid_input`. Thrown by evaluators, caught by `tryEvaluate`.
 */
export class ValueRefused extends Error {
  override readonly name = "ValueRefused";
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(
      problems
        .map((problem) => `${problem.path === "" ? "value" : problem.path} ${problem.message}`)
        .join("; "),
    );
    this.problems = problems;
  }
}

export type Evaluated =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly message: string };

export function tryEvaluate(evaluator: Evaluator, names: Names): Evaluated {
  try {
    return { ok: true, value: evaluator(names) };
  } catch (error) {
    if (error instanceof ValueRefused) return { ok: false, message: error.message };
    throw error;
  }
}

/** Names from plain records, for expressions outside of a run: settings of tools and triggers, tests, constants. */
export function namesOf(
  values: { readonly [name: string]: Json },
  config: { readonly [name: string]: Json } = {},
): Names {
  return {
    lookup: (name) => (Object.hasOwn(values, name) ? values[name] : undefined),
    config: (name) => (Object.hasOwn(config, name) ? config[name] : undefined),
  };
}
