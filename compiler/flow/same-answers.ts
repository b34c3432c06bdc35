import type { Label } from "../diagnostics/diagnostic.ts";
import type { GlobalSymbol } from "../names/symbol.ts";
import type { CheckedModule, CheckedProgram, Instance } from "../types/checked.ts";
import { askedOf } from "./asked.ts";
import { boundsOfProgram } from "./flow-bounds.ts";
import { labelsOfCall } from "./label-analysis.ts";
import type { Taint, Trail } from "./taint.ts";
import { hasTokenLimits } from "./token-limits.ts";

export interface Snapshots {
  readonly before: CheckedProgram;
  readonly now: CheckedProgram;
  readonly symbol: GlobalSymbol;
}

/** True if all that was asked about a flow of this file would be answered in the same way now. */
export function sameAnswers(module: CheckedModule, { before, now, symbol }: Snapshots): boolean {
  const asked = askedOf(module);
  for (const { instance, args } of asked.labels.values()) {
    if (instance.symbol.id !== symbol.id) continue;
    const old = labelsOfCall(before, instance, args);
    const own = labelsOfCall(now, instance, args);
    // What is found on the way is told with the places of those who call.
    if (old.isReported || own.isReported || !sameTaint(old.taint, own.taint, module.file))
      return false;
  }
  if (!hasTokenLimits(now)) return true;
  for (const { instance, args } of asked.bounds.values()) {
    if (instance.symbol.id !== symbol.id) continue;
    if (!sameBounds(instance, args, before, now)) return false;
  }
  return true;
}

function sameTaint(left: Taint, right: Taint, file: string): boolean {
  return (
    sameTrail(left.untrusted, right.untrusted, file) && sameTrail(left.private, right.private, file)
  );
}

/** Whoever reports a place in this file is asked anew whenever places in it move. */
function sameTrail(left: Trail | null, right: Trail | null, file: string): boolean {
  if (left === null || right === null) return left === right;
  return (
    left.length === right.length &&
    left.every((label, index) => sameLabel(label, right[index], file))
  );
}

function sameLabel(left: Label, right: Label | undefined, file: string): boolean {
  if (right === undefined || left.message !== right.message) return false;
  if (left.span.file !== right.span.file) return false;
  if (left.span.file === file) return true;
  return left.span.start === right.span.start && left.span.end === right.span.end;
}

function sameBounds(
  instance: Instance,
  args: Parameters<ReturnType<typeof boundsOfProgram>["ofInstance"]>[1],
  before: CheckedProgram,
  now: CheckedProgram,
): boolean {
  const old = boundsOfProgram(before).ofInstance(instance, args);
  const own = boundsOfProgram(now).ofInstance(instance, args);
  return (Object.keys(own) as (keyof typeof own)[]).every((figure) => old[figure] === own[figure]);
}
