import type { Json } from "./expression.ts";
import type { Program } from "./plan.ts";

/** Shorter lists are decoded anew. */
export const longFrom = 1_024;

/** What makes two lists be of one form: the schema of their items, in the same program. */
export interface ListForm {
  readonly schemas: Program["schemas"];
  /** As JSON, in each way in which it may be written. */
  readonly items: readonly string[];
}

/**
 * Long lists that a decoding has made, and which nobody else has changed since: one that is passed from step to step, or to each of many
 * calls, is not looked through every time.
 */
const forms = new WeakMap<readonly Json[], ListForm>();

export function isOfForm(list: readonly Json[], { schemas, items }: ListForm): boolean {
  const known = forms.get(list);
  if (known === undefined || known.schemas !== schemas) return false;
  return items.some((item) => known.items.includes(item));
}

/** Whether a decoding has made it, of whatever form. */
export function hasForm(list: readonly Json[]): boolean {
  return forms.has(list);
}

export function noteForm(list: readonly Json[], form: ListForm): void {
  forms.set(list, form);
}
