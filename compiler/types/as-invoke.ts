import type { Invoke, RecordField } from "../syntax/tree.ts";

const wrappers = new WeakMap<RecordField, Invoke>();

/** A record entry that `...name` copies into a block, as the value of a setting. */
export function asInvoke(entry: RecordField): Invoke {
  let invoke = wrappers.get(entry);
  if (invoke === undefined) {
    const { key, value } = entry;
    const expression = value ?? { kind: "name", name: key, start: key.start, end: key.end };
    invoke = {
      kind: "invoke",
      expression,
      block: null,
      start: expression.start,
      end: expression.end,
    };
    wrappers.set(entry, invoke);
  }
  return invoke;
}
