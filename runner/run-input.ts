import { decodeSteps, decodeValue } from "../plan/decode-value.ts";
import { compileExpression } from "../plan/evaluate/compile-expression.ts";
import { namesOf } from "../plan/evaluate/names.ts";
import type { Json } from "../plan/expression.ts";
import type { FlowPlan, JsonSchema, Program } from "../plan/plan.ts";
import type { Problem } from "../plan/problem.ts";
import type { Refusal } from "./api.ts";

type JsonRecord = { readonly [name: string]: Json };

export type DecodedInput = { readonly ok: true; readonly value: JsonRecord } | Refusal;

/** Fills in defaults, which may read the parameters before them, and checks the record of all parameters; in steps. */
export function* decodeInput(
  program: Program,
  flow: FlowPlan,
  given: JsonRecord,
): Generator<void, DecodedInput> {
  const values: Record<string, Json> = { ...given };
  for (const param of flow.params) {
    if (values[param.name] !== undefined || param.default === undefined) continue;
    values[param.name] = compileExpression(param.default, program.schemas)(namesOf(values));
  }
  const decoded = yield* decodeSteps(program.schemas, flow.input, values);
  if (decoded.ok) return { ok: true, value: decoded.value as JsonRecord };
  return misfit("the input", decoded.problems);
}

/** Null when a person's answer fits the form it was asked for. */
export function checkAnswer(form: JsonSchema, value: Json): Refusal | null {
  const { $defs, ...root } = form;
  const schemas = { ...(($defs ?? {}) as Program["schemas"]), "": root };
  const decoded = decodeValue(schemas, "", value);
  return decoded.ok ? null : misfit("the answer", decoded.problems);
}

function misfit(what: string, problems: readonly Problem[]): Refusal {
  const words = problems.map(({ path, message }) => `${path === "" ? what : path} ${message}`);
  return { ok: false, code: "invalid_input", message: words.join("; "), problems };
}
