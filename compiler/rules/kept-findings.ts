import type { Diagnostic, Span } from "../diagnostics/diagnostic.ts";
import { mentions, moved } from "../diagnostics/move.ts";
import type { BodySummaries } from "../flow/body-summary.ts";
import { editSinceLast, editSinceSound, frameOf, looksOf } from "../flow/faces.ts";
import type { Edit } from "../flow/faces.ts";
import { sameObjects } from "../flow/neighbours.ts";
import type { Neighbours } from "../flow/neighbours.ts";
import type { CheckedModule, CheckedProgram } from "../types/checked.ts";
import { declaredRules, localRules } from "./rule-groups.ts";
import type { RuleGroup } from "./rule-groups.ts";
import { RuleRun } from "./run-group.ts";

export interface Round {
  readonly program: CheckedProgram;
  readonly group: RuleGroup;
  readonly faults: readonly Diagnostic[];
  readonly neighbours: Neighbours;
  readonly summaries: BodySummaries;
}

interface Kept {
  /** Of the files it sees; not those themselves, which would keep what they have seen in memory, and so on. */
  readonly looks: readonly object[];
  readonly identities: readonly object[];
  readonly isImported: boolean;
  readonly configText: string;
  /** By declaration; null if they were looked at all at once. */
  readonly parts: readonly (readonly Diagnostic[])[] | null;
  /** With what was found in the file as a whole. */
  readonly diagnostics: readonly Diagnostic[];
  /** Declarations with faults, in which the rules saw less. */
  readonly faulty: ReadonlySet<number>;
  /** Nothing in the diagnostics points into another file, where places may move. */
  readonly isLocal: boolean;
}

/** What was found in an unchanged declaration of which others look as they did is what would be found again. */
const kept = new WeakMap<CheckedModule, Map<RuleGroup, Kept>>();

/** What a group of rules finds in a file, as far as possible from what it has found before. */
export function findingsOf(module: CheckedModule, round: Round): readonly Diagnostic[] {
  const { program, group, summaries } = round;
  const faults = round.faults.filter((fault) => fault.span.file === module.file);
  const faulty = faultyDeclarations(module, faults);
  const before = earlierParts(module, round);
  const isSame = before?.isSame === true && before.kept.faulty.size === 0 && faulty.size === 0;
  if (isSame && group.anywhere.length === 0) return before.kept.diagnostics;
  const run = new RuleRun({ program, module, summaries, faults });
  const result = isSame ? before.kept : foundAnew(module, round, { run, faulty, before });
  if (!isSame) keep(module, group, result);
  const found = run.inProgram(group.anywhere);
  return found.length === 0 ? result.diagnostics : [...result.diagnostics, ...found];
}

interface Run {
  readonly run: RuleRun;
  readonly faulty: ReadonlySet<number>;
  readonly before: Earlier | null;
}

function foundAnew(
  module: CheckedModule,
  { program, group, neighbours }: Round,
  { run, faulty, before }: Run,
): Kept {
  // One declaration after the other takes longer than all at once, and pays only for files that are being edited.
  const isEdited = program.touched.has(module.file);
  const parts = isEdited ? partsAnew(module, group, { run, faulty, before }) : null;
  const all = parts?.flat() ?? run.inAll(declaredRules(group));
  const whole = run.inAll(group.whole);
  const seen = neighbours.of(module);
  const isElsewhere = ({ file }: Span): boolean => file !== module.file;
  const mentionsOthers = (one: Diagnostic): boolean => mentions(one, isElsewhere);
  return {
    looks: seen.map(lookOf(group)),
    identities: neighbours.identities(module),
    isImported: neighbours.imported.has(module.file),
    configText: program.configText,
    parts,
    diagnostics: oncePerPlace(all).concat(whole),
    faulty,
    isLocal: !all.some(mentionsOthers) && !whole.some(mentionsOthers),
  };
}

function partsAnew(
  module: CheckedModule,
  group: RuleGroup,
  { run, faulty, before }: Run,
): readonly (readonly Diagnostic[])[] {
  return module.parse.tree.declarations.map((node, at) => {
    const isOpen = faulty.has(at) || before === null || before.kept.faulty.has(at);
    const part = isOpen ? undefined : before.parts?.[at];
    return part ?? run.inOne(group, node);
  });
}

function keep(module: CheckedModule, group: RuleGroup, result: Kept): void {
  let results = kept.get(module);
  if (results === undefined) kept.set(module, (results = new Map<RuleGroup, Kept>()));
  results.set(group, result);
}

const none: ReadonlySet<number> = new Set<number>();

function faultyDeclarations(
  { parse }: CheckedModule,
  faults: readonly Diagnostic[],
): ReadonlySet<number> {
  if (faults.length === 0) return none;
  const faulty = new Set<number>();
  for (const [index, { start, end }] of parse.tree.declarations.entries())
    if (faults.some(({ span }) => span.start < end && span.end >= start)) faulty.add(index);
  return faulty;
}

interface Earlier {
  readonly kept: Kept;
  /** Undefined for a declaration in which something has changed. */
  readonly parts: readonly (readonly Diagnostic[] | undefined)[] | null;
  /** Nothing has. */
  readonly isSame: boolean;
}

function earlierParts(module: CheckedModule, round: Round): Earlier | null {
  const { program, group } = round;
  const own = kept.get(module)?.get(group);
  if (own !== undefined && stillHolds(own, module, round))
    return { kept: own, parts: own.parts, isSame: true };
  const isLocal = group === localRules;
  const edit = (isLocal ? editSinceLast : editSinceSound)(program, module);
  const old = edit === null ? undefined : kept.get(edit.before)?.get(group);
  if (edit === null || old === undefined || !stillHolds(old, module, round)) return null;
  // What looks different from outside may look different from beside it, too.
  const look = lookOf(group);
  if (look(edit.before) !== look(module)) return null;
  const parts = old.parts === null ? null : partsAfter(edit, old.parts);
  return parts === null ? null : { kept: old, parts, isSame: false };
}

function stillHolds(old: Kept, module: CheckedModule, round: Round): boolean {
  const { program, group, neighbours } = round;
  if (
    old.configText !== program.configText ||
    old.isImported !== neighbours.imported.has(module.file)
  )
    return false;
  const now = neighbours.of(module);
  return old.isLocal
    ? sameObjects(old.looks, now.map(lookOf(group)))
    : sameObjects(old.identities, neighbours.identities(module));
}

function lookOf(group: RuleGroup): (module: CheckedModule) => object {
  return group === localRules ? frameOf : looksOf;
}

/** What was found in the other declarations of a file, at their new places; null if it mentions the one that has changed. */
function partsAfter(
  { before, change }: Edit,
  parts: readonly (readonly Diagnostic[])[],
): readonly (readonly Diagnostic[] | undefined)[] | null {
  const node = before.parse.tree.declarations[change.index];
  const block = node !== undefined && "block" in node ? node.block : null;
  const isInside = ({ file, start, end }: Span): boolean =>
    file === before.file && block !== null && end > block.start && start < block.end;
  const move = { file: before.file, from: change.oldEnd, by: change.shift };
  const after: (readonly Diagnostic[] | undefined)[] = [];
  for (const [index, part] of parts.entries()) {
    if (index === change.index) after.push(undefined);
    else if (part.some((one) => mentions(one, isInside))) return null;
    else after.push(part.length === 0 ? part : part.map((one) => moved(one, move)));
  }
  return after;
}

/** Labels are followed from each flow; where several lead to one place, it is told once. */
function oncePerPlace(all: readonly Diagnostic[]): readonly Diagnostic[] {
  if (all.length < 2) return all;
  const places = new Set<string>();
  return all.filter(({ code, span }) => {
    if (!labelCodes.has(code)) return true;
    const place = `${code} ${span.file} ${span.start} ${span.end}`;
    if (places.has(place)) return false;
    places.add(place);
    return true;
  });
}

const labelCodes: ReadonlySet<string> = new Set(["AF6001", "AF6002", "AF6004"]);
