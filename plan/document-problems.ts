import { Ajv2020 } from "ajv/dist/2020.js";

import { placedProblems } from "./schema-problems.ts";
import type { PlacedProblem } from "./schema-problems.ts";

/** Everything that is wrong with a document by a JSON Schema (draft 2020-12), and where. Empty when it fits. */
export function documentProblems(
  document: unknown,
  schema: { readonly [keyword: string]: unknown },
): readonly PlacedProblem[] {
  const validate = new Ajv2020({ allErrors: true, strict: true, strictTypes: false }).compile(
    schema,
  );
  return validate(document) ? [] : placedProblems(validate.errors ?? [], document);
}
