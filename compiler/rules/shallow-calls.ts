import { shapeOf } from "../flow/faces.ts";
import type { CheckedProgram } from "../types/checked.ts";
import { calleesOf } from "./callees.ts";

/** Calls of flows, agents and tools inside one another; far more than anybody writes, and few enough to follow. */
export const mostLevels = 200;

const known = new WeakMap<CheckedProgram, boolean>();

/** The shapes of the files in which nothing was found, by the first of them: who calls whom follows from them. */
const shallow = new WeakMap<object, readonly object[]>();

/** True if nothing calls itself, directly or not, and no chain of calls is too long: so it is with almost every program. */
export function isShallow(program: CheckedProgram): boolean {
  let result = known.get(program);
  if (result !== undefined) return result;
  const shapes: object[] = [];
  for (const module of program.modules.values()) shapes.push(shapeOf(module));
  const [first] = shapes;
  const earlier = first === undefined ? undefined : shallow.get(first);
  result =
    earlier?.length === shapes.length && earlier.every((shape, at) => shape === shapes[at])
      ? true
      : measure(program);
  if (result && first !== undefined) shallow.set(first, shapes);
  known.set(program, result);
  return result;
}

/** Takes away whoever calls nobody that is left, until all are gone or a knot remains. */
function measure(program: CheckedProgram): boolean {
  const calls = new Map<string, readonly string[]>();
  for (const module of program.modules.values())
    for (const [id, callees] of calleesOf(program, module)) calls.set(id, callees);
  const open = new Map<string, number>();
  const callersBy = new Map<string, string[]>();
  for (const [id, callees] of calls) {
    let count = 0;
    for (const to of callees) {
      if (!calls.has(to)) continue;
      count += 1;
      const callers = callersBy.get(to);
      if (callers === undefined) callersBy.set(to, [id]);
      else callers.push(id);
    }
    open.set(id, count);
  }
  let ready: string[] = [];
  for (const [id, count] of open) if (count === 0) ready.push(id);
  let done = 0;
  // Who is free in one round is called from one level above the last one.
  for (let level = 1; ready.length > 0; level += 1) {
    if (level > mostLevels) return false;
    done += ready.length;
    const next: string[] = [];
    for (const id of ready) {
      for (const caller of callersBy.get(id) ?? []) {
        const left = (open.get(caller) ?? 0) - 1;
        open.set(caller, left);
        if (left === 0) next.push(caller);
      }
    }
    ready = next;
  }
  return done === calls.size;
}
