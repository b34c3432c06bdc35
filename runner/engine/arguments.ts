import type { Names } from "../../plan/evaluate/names.ts";
import { namesOf, ValueRefused } from "../../plan/evaluate/names.ts";
import { isRecord } from "../../plan/evaluate/json-record.ts";
import { decodeValue } from "../../plan/decode-value.ts";
import type { Json, SchemaReference } from "../../plan/expression.ts";
import type { Args } from "./act-state.ts";
import type { CallCode, ParamCode } from "./code.ts";
import type { RunState } from "./run-state.ts";

/**
 * Arguments of a call in declared order, with defaults, checked against `input`.
 *
 * @throws ValueRefused when they do not fit.
 */
export function callArguments(
  run: RunState,
  names: Names,
  given: { readonly code: CallCode; readonly params: readonly ParamCode[] },
): Args {
  const values: Record<string, Json> = {};
  for (const [name, evaluate] of given.code.arguments) values[name] = evaluate(names);
  return completeArguments(run, {
    values,
    params: given.params,
    input: given.code.plan.input ?? null,
  });
}

/** @throws ValueRefused when they do not fit. */
export function completeArguments(
  run: RunState,
  given: {
    readonly values: Args;
    readonly params: readonly ParamCode[];
    readonly input: SchemaReference | null;
  },
): Args {
  const full: Record<string, Json> = {};
  for (const param of given.params) {
    const value = Object.hasOwn(given.values, param.name) ? given.values[param.name] : undefined;
    if (value !== undefined) full[param.name] = value;
    else if (param.default !== null) full[param.name] = param.default(namesOf(full, run.config));
  }
  if (given.input !== null) {
    const decoded = decodeValue(run.schemas, given.input, full, { extraFields: "drop" });
    if (!decoded.ok) throw new ValueRefused(decoded.problems);
    if (isRecord(decoded.value)) Object.assign(full, decoded.value);
  }
  for (const param of given.params) if (!Object.hasOwn(full, param.name)) full[param.name] = null;
  return full;
}
