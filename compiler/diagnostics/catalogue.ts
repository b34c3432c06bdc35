import type { CatalogueEntry } from "./catalogue-entry.ts";
import { bounds } from "./catalogue/bounds.ts";
import { graph } from "./catalogue/graph.ts";
import { habits } from "./catalogue/habits.ts";
import { names } from "./catalogue/names.ts";
import { syntax } from "./catalogue/syntax.ts";
import { tests } from "./catalogue/tests.ts";
import { trust } from "./catalogue/trust.ts";
import { typeRules } from "./catalogue/type-rules.ts";
import { valueRules } from "./catalogue/value-rules.ts";
import { world } from "./catalogue/world.ts";
import type { Code } from "./codes.ts";

/** Every code with its documentation; the type makes a code without an entry a type error. */
export const catalogue: Readonly<Record<Code, CatalogueEntry>> = {
  ...syntax,
  ...habits,
  ...names,
  ...typeRules,
  ...valueRules,
  ...graph,
  ...bounds,
  ...trust,
  ...world,
  ...tests,
};
