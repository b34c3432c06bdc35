import type { Label } from "../diagnostics/diagnostic.ts";
import type { Type } from "../types/type.ts";

/** Where a label came from: places from the source on, in the order in which the value passed them. */
export type Trail = readonly Label[];

/** The labels of a value; null is "not so". */
export interface Taint {
  readonly untrusted: Trail | null;
  readonly private: Trail | null;
}

/** Labels of the arguments of a call, by parameter. */
export type ArgumentTaints = ReadonlyMap<string, Taint>;

export const clean: Taint = { untrusted: null, private: null };

/** The labels of a value made of others; the first trail found stands for all. */
export function joinTaint(left: Taint, right: Taint): Taint {
  if (right === clean) return left;
  if (left === clean) return right;
  return {
    untrusted: left.untrusted ?? right.untrusted,
    private: left.private ?? right.private,
  };
}

export function joinTaints(parts: Iterable<Taint>): Taint {
  let all = clean;
  for (const part of parts) all = joinTaint(all, part);
  return all;
}

/** Adds a place that the value passes. */
export function passing(taint: Taint, label: Label): Taint {
  const extend = (trail: Trail | null): Trail | null => {
    if (trail === null) return null;
    const last = trail.at(-1);
    return last?.span.file === label.span.file && last.span.start === label.span.start
      ? trail
      : [...trail, label];
  };
  return taint === clean
    ? clean
    : { untrusted: extend(taint.untrusted), private: extend(taint.private) };
}

/** What is left of the labels in a value of this type: a number cannot instruct anybody. */
export function asType(taint: Taint, type: Type): Taint {
  if (taint.untrusted === null || carriesText(type, null)) return taint;
  return taint.private === null ? clean : { untrusted: null, private: taint.private };
}

export function canCarryText(type: Type): boolean {
  return carriesText(type, null);
}

const ofRecords = new WeakMap<Type, boolean>();

/** `seen` are the records around the type, null for none. */
function carriesText(type: Type, seen: Set<Type> | null): boolean {
  switch (type.kind) {
    case "string":
    case "url":
    case "email":
    case "json":
    case "file":
    case "typeParameter":
      return true;
    case "optional":
      return carriesText(type.inner, seen);
    case "list":
      return carriesText(type.item, seen);
    case "union":
      return type.members.some((member) => carriesText(member, seen));
    case "record": {
      if (seen?.has(type) === true) return false;
      let result = seen === null ? ofRecords.get(type) : undefined;
      if (result !== undefined) return result;
      const all = seen ?? new Set<Type>();
      all.add(type);
      result = false;
      for (const field of type.fields.values()) {
        if (!carriesText(field.type, all)) continue;
        result = true;
        break;
      }
      // Inside another one, the answer may be about a part only.
      if (seen === null) ofRecords.set(type, result);
      return result;
    }
    default:
      return false;
  }
}
