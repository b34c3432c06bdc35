import { compileDecoder, Decoding } from "./compile-decoder.ts";
import type { Decoder } from "./compile-decoder.ts";
import type { Json } from "./expression.ts";
import type { Program } from "./plan.ts";
import type { Problem } from "./problem.ts";

export type Decoded =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly problems: readonly Problem[] };

export interface DecodeOptions {
  /** Of a tool's answer, fields that nobody declared are dropped; a model's answer with such fields is refused. */
  readonly extraFields: "drop" | "refuse";
}

/**
 * Checks a value that crosses a boundary against a schema of the program, and brings it into the form that
 * expressions and prompts rely on: record fields in declared order, nullable fields that were left out as null,
 * times in UTC with milliseconds, money with six decimals at most.
 *
 * `schema` is the name of an entry of `schemas`. Only the keywords that the compiler writes are known here.
 */
export function decodeValue(
  schemas: Program["schemas"],
  schema: string,
  value: Json,
  options: DecodeOptions = { extraFields: "refuse" },
): Decoded {
  const decoding = new Decoding(options.extraFields === "drop");
  const decoded = decoderOf(schemas, schema)(value, decoding);
  return decoding.problems.length === 0
    ? { ok: true, value: decoded }
    : { ok: false, problems: decoding.problems };
}

/** The same in steps of less than a millisecond: long lists are decoded item by item. */
export function* decodeSteps(
  schemas: Program["schemas"],
  schema: string,
  value: Json,
  options: DecodeOptions = { extraFields: "refuse" },
): Generator<void, Decoded> {
  const decoding = new Decoding(options.extraFields === "drop", []);
  const decoded = decoderOf(schemas, schema)(value, decoding);
  yield* decoding.steps();
  return decoding.problems.length === 0
    ? { ok: true, value: decoded }
    : { ok: false, problems: decoding.problems };
}

/** Every call and every answer of a run is decoded, so each schema is turned into functions once. */
const compiled = new WeakMap<Program["schemas"], Map<string, Decoder>>();

function decoderOf(schemas: Program["schemas"], name: string): Decoder {
  let decoders = compiled.get(schemas);
  if (decoders === undefined) {
    decoders = new Map();
    compiled.set(schemas, decoders);
  }
  let decoder = decoders.get(name);
  if (decoder === undefined) {
    decoder = compileDecoder(
      schemas[name] ?? {},
      (referred) => decoderOf(schemas, referred),
      schemas,
    );
    decoders.set(name, decoder);
  }
  return decoder;
}
