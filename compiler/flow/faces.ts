import { changedBlock } from "../names/changed-block.ts";
import { fileFacts } from "../names/file-facts.ts";
import { sameOutline } from "../names/outline.ts";
import type { GlobalSymbol } from "../names/symbol.ts";
import type { CheckedFlow, CheckedModule, CheckedProgram } from "../types/checked.ts";
import { passOn } from "./asked.ts";
import { sameAnswers } from "./same-answers.ts";
import { callsText } from "./calls-text.ts";

/**
 * How a file looks from other files. Two objects stand for it: equal objects, equal looks. They outlive changes of the file
 * that make no difference to what others ask.
 */
interface Face {
  /** Everything but the insides of flows, and of these what they call and how their steps are named. */
  readonly shape: object;
  /** The shape, and what labels and bounds its flows have. Null until that is looked at. */
  looks: object | null;
  /** What was changed since the shape was last looked at as a whole. */
  change: FlowChange | null;
}

interface FlowChange {
  readonly before: CheckedProgram;
  readonly symbol: GlobalSymbol;
}

const faces = new WeakMap<CheckedModule, Face>();

/** What a snapshot has behind it. */
interface Past {
  /** The last one without faults. */
  readonly sound: CheckedProgram | null;
  /** Files that have since been checked anew on account of other files. */
  readonly affected: ReadonlySet<string>;
}

const pasts = new WeakMap<CheckedProgram, Past>();

/** Finds out which files have kept their shape since the last snapshot without faults. */
export function lookAt(program: CheckedProgram, previous: CheckedProgram | undefined): void {
  const past = pastOf(program, previous);
  pasts.set(program, past);
  for (const module of program.modules.values()) {
    if (faces.has(module)) continue;
    const face = past.sound === null ? null : keptFace(program, module, past.sound, past.affected);
    faces.set(module, face ?? { shape: {}, looks: {}, change: null });
  }
}

/** Asks what was asked before of what has changed since. For a program in which nothing is wrong so far. */
export function lookClosely(program: CheckedProgram): void {
  for (const module of program.modules.values()) {
    const face = faces.get(module);
    if (face?.looks !== null) continue;
    const { change } = face;
    const old = change?.before.modules.get(module.file);
    const isSame =
      change !== null && old !== undefined && sameAnswers(module, { ...change, now: program });
    face.looks = (isSame && old !== undefined ? faces.get(old)?.looks : null) ?? {};
    face.change = null;
  }
  pasts.set(program, { sound: program, affected: new Set() });
}

function pastOf(program: CheckedProgram, previous: CheckedProgram | undefined): Past {
  const past = previous === undefined ? undefined : pasts.get(previous);
  if (previous === undefined || past === undefined) return { sound: null, affected: new Set() };
  const affected = new Set(past.affected);
  for (const [file, module] of program.modules)
    if (previous.modules.get(file) !== module && !program.touched.has(file)) affected.add(file);
  return { sound: past.sound, affected };
}

function keptFace(
  program: CheckedProgram,
  module: CheckedModule,
  sound: CheckedProgram,
  affected: ReadonlySet<string>,
): Face | null {
  const old = sound.modules.get(module.file);
  const face = old === undefined ? undefined : faces.get(old);
  if (old === undefined || face === undefined || affected.has(module.file)) return null;
  if (old.facade === module.facade || sameOutline(old.parse, module.parse)) {
    passOn(old, module);
    return face;
  }
  const change = changedBlock(old.parse, module.parse);
  if (change === null) return null;
  if (fileFacts(old.parse).exportedText !== fileFacts(module.parse).exportedText) return null;
  const node = module.parse.tree.declarations[change.index];
  // Nobody else looks at the tests of a file.
  if (node?.kind === "test") {
    passOn(old, module);
    return face;
  }
  const symbol = node?.kind === "flow" ? old.names.get(node.name.text) : undefined;
  if (symbol === undefined) return null;
  const [before, now] = [sound.declarationOf(symbol), program.declarationOf(symbol)];
  if (before?.kind !== "flow" || now?.kind !== "flow" || now.node !== node) return null;
  if (!isPlain(now) || old.parse.tree.declarations[change.index] !== before.node) return null;
  if (callsText(sound, old, before) !== callsText(program, module, now)) return null;
  passOn(old, module);
  const sameLimits = hasLimits(module) === hasLimits(old);
  return {
    shape: face.shape,
    looks: sameLimits ? null : {},
    change: sameLimits ? { before: sound, symbol } : null,
  };
}

/** As `hasTokenLimits` asks it of the whole program. */
function hasLimits({ parse }: CheckedModule): boolean {
  return parse.text.includes("maxInput");
}

/** A flow that is told types or fillers by its callers calls others in each of its instances. */
function isPlain({ signature }: CheckedFlow): boolean {
  return (
    signature.typeParams.length === 0 && signature.params.every(({ type }) => type.kind !== "role")
  );
}

/** True if the rules that look at one declaration at a time see the same in both, places aside. */
export function sameShapes(
  left: readonly CheckedModule[],
  right: readonly CheckedModule[],
): boolean {
  return sameBy(left, right, ({ shape }) => shape);
}

/** True if the rules that follow calls and data see the same in both, places aside. */
export function sameLooks(
  left: readonly CheckedModule[],
  right: readonly CheckedModule[],
): boolean {
  return sameBy(left, right, ({ looks }) => looks);
}

/** The shape of a file of a program that has been looked at. */
export function shapeOf(module: CheckedModule): object {
  return faces.get(module)?.shape ?? module;
}

function sameBy(
  left: readonly CheckedModule[],
  right: readonly CheckedModule[],
  of: (face: Face) => object | null,
): boolean {
  if (left.length !== right.length) return false;
  for (const [index, module] of left.entries()) {
    const other = right[index];
    if (module === other) continue;
    const one = faces.get(module);
    const two = other === undefined ? undefined : faces.get(other);
    if (one === undefined || two === undefined) return false;
    const part = of(one);
    if (part === null || part !== of(two)) return false;
  }
  return true;
}
