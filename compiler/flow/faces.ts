import { changedBlock } from "../names/changed-block.ts";
import type { BlockChange } from "../names/changed-block.ts";
import { sameOutline } from "../names/outline.ts";
import type { GlobalSymbol } from "../names/symbol.ts";
import type { FlowDeclaration } from "../syntax/tree.ts";
import type { CheckedFlow, CheckedModule, CheckedProgram } from "../types/checked.ts";
import { giveBack } from "../types/file-check.ts";
import { passOn } from "./asked.ts";
import { callsText } from "./calls-text.ts";
import { sameAnswers } from "./same-answers.ts";
import { mayLimitTokens } from "./token-limits.ts";

/**
 * How a file looks from other files. Three objects stand for it: the same object, the same look. They outlive changes of the
 * file that make no difference to what others ask.
 */
interface Face {
  /** Everything but the insides of what can be called or tested. */
  readonly frame: object;
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

/** A change between the braces of one declaration of a file. */
export interface Edit {
  readonly before: CheckedModule;
  readonly change: BlockChange;
}

/** What a snapshot has behind it. */
interface Past {
  /** Let go of as soon as both have been compared. */
  readonly previous: CheckedProgram | undefined;
  /** The last one without faults. */
  readonly sound: CheckedProgram | null;
  /** Files that have since been checked anew on account of other files. */
  readonly affected: ReadonlySet<string>;
}

const pasts = new WeakMap<CheckedProgram, Past>();

/** Finds out which files still look as they did in the snapshots before. */
export function lookAt(program: CheckedProgram, previous: CheckedProgram | undefined): void {
  const past = pastOf(program, previous);
  pasts.set(program, past);
  for (const module of program.modules.values()) {
    if (faces.has(module)) continue;
    const frame = frameBefore(program, module) ?? {};
    const face = faceOf(program, module, frame);
    faces.set(module, face ?? { frame, shape: {}, looks: {}, change: null });
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
}

/** To be said when all has been looked at: the next snapshot is compared with this one, or with the last that was sound. */
export function remember(program: CheckedProgram, isSound: boolean): void {
  const { sound = null, affected = new Set<string>() } = pasts.get(program) ?? {};
  if (sound !== null && !isSound) giveBackFiles(sound, program);
  pasts.set(
    program,
    isSound
      ? { previous: undefined, sound: program, affected: new Set() }
      : { previous: undefined, sound, affected },
  );
}

/** The last snapshot without faults stays, and must not keep all that come after it. */
function giveBackFiles(sound: CheckedProgram, now: CheckedProgram): void {
  for (const [file, module] of sound.modules)
    if (now.modules.get(file) !== module) giveBack(module, sound);
}

/** What has changed in a file since the snapshot before; null if it is more than the inside of one declaration. */
export function editSinceLast(program: CheckedProgram, module: CheckedModule): Edit | null {
  const before = pasts.get(program)?.previous?.modules.get(module.file);
  return before === undefined || !program.touched.has(module.file)
    ? null
    : editBetween(before, module);
}

/** The same since the last snapshot without faults. */
export function editSinceSound(program: CheckedProgram, module: CheckedModule): Edit | null {
  const past = pasts.get(program);
  const before = past?.sound?.modules.get(module.file);
  return past === undefined || before === undefined || past.affected.has(module.file)
    ? null
    : editBetween(before, module);
}

function editBetween(before: CheckedModule, module: CheckedModule): Edit | null {
  const change = changedBlock(before.parse, module.parse);
  return change === null ? null : { before, change };
}

function pastOf(program: CheckedProgram, previous: CheckedProgram | undefined): Past {
  const past = previous === undefined ? undefined : pasts.get(previous);
  if (previous === undefined || past === undefined)
    return { previous, sound: null, affected: new Set() };
  const affected = new Set(past.affected);
  for (const [file, module] of program.modules)
    if (previous.modules.get(file) !== module && !program.touched.has(file)) affected.add(file);
  return { previous, sound: past.sound, affected };
}

function frameBefore(program: CheckedProgram, module: CheckedModule): object | null {
  const before = pasts.get(program)?.previous?.modules.get(module.file);
  if (before === undefined || !program.touched.has(module.file)) return null;
  const isSame = changedBlock(before.parse, module.parse) !== null || saysTheSame(before, module);
  return isSame ? (faces.get(before)?.frame ?? null) : null;
}

function saysTheSame({ parse: old }: CheckedModule, { parse }: CheckedModule): boolean {
  return old.diagnostics.length === 0 && parse.diagnostics.length === 0 && sameOutline(old, parse);
}

function faceOf(program: CheckedProgram, module: CheckedModule, frame: object): Face | null {
  const past = pasts.get(program);
  const sound = past?.sound;
  const old = sound?.modules.get(module.file);
  const face = old === undefined ? undefined : faces.get(old);
  if (past === undefined || sound === null || sound === undefined) return null;
  if (old === undefined || face === undefined || past.affected.has(module.file)) return null;
  const change = changedBlock(old.parse, module.parse);
  const node = change === null ? undefined : module.parse.tree.declarations[change.index];
  if (node?.kind === "flow") {
    const changed = changedFlow({ sound, now: program }, old, module, node);
    if (changed === null) return null;
    passOn(old, module);
    const sameLimits = mayLimitTokens(module) === mayLimitTokens(old);
    const looks = sameLimits ? null : {};
    return { frame, shape: face.shape, looks, change: sameLimits ? changed : null };
  }
  // Nobody else looks at the tests of a file.
  if (node?.kind !== "test" && !saysTheSame(old, module)) return null;
  passOn(old, module);
  return { frame, shape: face.shape, looks: face.looks, change: null };
}

/** Null if others see a change in what it calls. */
function changedFlow(
  { sound, now }: { readonly sound: CheckedProgram; readonly now: CheckedProgram },
  old: CheckedModule,
  module: CheckedModule,
  node: FlowDeclaration,
): FlowChange | null {
  const symbol = old.names.get(node.name.text);
  if (symbol === undefined) return null;
  const [one, other] = [sound.declarationOf(symbol), now.declarationOf(symbol)];
  if (one?.kind !== "flow" || other?.kind !== "flow" || other.node !== node) return null;
  const isSame =
    isPlain(one) && isPlain(other) && callsText(sound, old, one) === callsText(now, module, other);
  return isSame ? { before: sound, symbol } : null;
}

/** A flow that is told types or fillers by its callers calls others in each of its instances. */
function isPlain({ signature }: CheckedFlow): boolean {
  return (
    signature.typeParams.length === 0 && signature.params.every(({ type }) => type.kind !== "role")
  );
}

/** What the rules that look at one declaration at a time see of a file, places aside: the same object, the same look. */
export function frameOf(module: CheckedModule): object {
  return faces.get(module)?.frame ?? module;
}

/** The same for rules that follow calls and data. */
export function looksOf(module: CheckedModule): object {
  return faces.get(module)?.looks ?? module;
}

/** The shape of a file of a program that has been looked at. */
export function shapeOf(module: CheckedModule): object {
  return faces.get(module)?.shape ?? module;
}
