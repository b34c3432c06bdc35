import type { Fix, Label } from "../diagnostics/diagnostic.ts";
import { replace, spanOf } from "../names/reporter.ts";
import { Scope } from "../names/scope.ts";
import { someOf, suggest } from "../names/suggest.ts";
import type { Block, RecordField, Setting, Spread } from "../syntax/tree.ts";
import { asInvoke } from "./as-invoke.ts";
import type { ResolvedSetting } from "./checked.ts";
import type { Checker } from "./checker.ts";
import { describe } from "./describe.ts";
import { checkSettingValue } from "./check-setting-value.ts";
import { ownSetting, spreadItems, spreadSetting } from "./merge-settings.ts";
import { reportStrayEntry } from "./report-stray-entry.ts";
import { resolveName } from "./resolve-name.ts";
import type { Owner } from "./setting-owner.ts";
import { isSettingKey, ownerTexts, ownersOf, settingsFor } from "./settings-table.ts";
import type { Sees, SettingSpec } from "./settings-table.ts";
import type { Type } from "./type.ts";
import { settingMeantBy } from "./setting-synonyms.ts";
import { misnamedOutput } from "./valueless.ts";

type Settings = ReadonlyMap<string, ResolvedSetting>;

/** Checks the settings of a block and keeps them, spreads resolved; own settings win. */
export function checkSettings(c: Checker, block: Block, owner: Owner): Settings {
  const found = new Map<string, ResolvedSetting>();
  checkEach(c, block, { owner, found, specs: settingsFor(owner.kind), isKept: true, scopes: {} });
  c.results.settings.set(block, found);
  return found;
}

/** Checks the settings of a declaration, which knows them already. */
export function checkDeclaredSettings(
  c: Checker,
  block: Block,
  owner: Owner,
  declared: Settings,
): void {
  const specs = settingsFor(owner.kind);
  checkEach(c, block, { owner, found: declared, specs, isKept: false, scopes: {} });
}

/** The settings of a block that are being checked. */
type Work = {
  readonly owner: Owner;
  readonly specs: ReadonlyMap<string, SettingSpec>;
  readonly scopes: Partial<Record<Sees, Scope>>;
} & (
  | { readonly isKept: true; readonly found: Map<string, ResolvedSetting> }
  | { readonly isKept: false; readonly found: Settings }
);

function checkEach(c: Checker, block: Block, work: Work): void {
  for (const entry of block.entries)
    if (entry.kind === "setting") checkSetting(c, entry, block, work);
  // What is no setting often falls apart into several entries: the first tells enough.
  const stray = work.owner.hasSteps
    ? undefined
    : block.entries.find((entry) => entry.kind !== "setting" && entry.kind !== "spread");
  if (stray !== undefined) reportStrayEntry(c, stray, work.owner);
  for (const entry of block.entries) if (entry.kind === "spread") addSpread(c, entry, work);
}

function checkSetting(c: Checker, entry: Setting, block: Block, work: Work): void {
  const { key } = entry;
  if (key.text === "") return;
  const { owner, specs } = work;
  const spec = specs.get(key.text);
  if (spec === undefined) {
    reportUnknown(c, key, block, owner);
    inferAnyway(c, entry, owner);
    return;
  }
  const first = work.found.get(key.text);
  if (first === undefined && work.isKept) work.found.set(key.text, ownSetting(c, entry));
  else if (first !== undefined && first.node !== entry) {
    c.report({
      code: "AF2002",
      at: key,
      message: `\`${key.text}\` is set twice`,
      related: [{ span: spanOf(c.file, first.node.key), message: "first set here" }],
      help: "remove one of the two",
    });
    return;
  }
  const sees = spec.owners[owner.kind] ?? "F";
  checkSettingValue(c, { spec, entry, owner, scope: scopeFor(c, owner, sees, work.scopes) });
}

/** Faults inside a value whose key is unknown are not worth telling; its names are still remembered. */
function inferAnyway(c: Checker, entry: Setting, owner: Owner): void {
  if (entry.value.kind !== "invoke" || entry.value.block !== null) return;
  const { expression } = entry.value;
  c.silently(() => c.infer(expression, owner.inner));
}

const whys: Readonly<Record<Sees, string>> = {
  F: "this setting is fixed before anything runs, so it knows only the names of the file and `config`",
  P: "this setting knows only the names of the file, `config` and the parameters",
  O: "this setting is read before the block starts, so it does not know what is inside",
  K: "the keys of all items are read before any item starts, so this setting does not know what is inside",
  I: "",
};

/** The scope a setting's value sees, with what it does not see kept for messages. */
function scopeFor(c: Checker, owner: Owner, sees: Sees, scopes: Work["scopes"]): Scope {
  const base =
    sees === "F"
      ? c.fileScope
      : sees === "P"
        ? owner.params
        : sees === "O"
          ? owner.outer
          : sees === "K"
            ? (owner.item ?? owner.outer)
            : owner.inner;
  if (base === owner.inner) return base;
  return (scopes[sees] ??= new Scope(base, {
    hidden: owner.inner,
    hiddenBecause: whys[sees],
    inTest: owner.inner.inTest,
    flow: owner.inner.flow,
  }));
}

function reportUnknown(c: Checker, key: Setting["key"], block: Block, owner: Owner): void {
  const specs = settingsFor(owner.kind);
  const what = owner.text ?? ownerTexts[owner.kind];
  c.report({
    code: "AF2003",
    at: key,
    message: `${what} has no setting \`${key.text}\``,
    ...(isSettingKey(key.text)
      ? { help: `\`${key.text}\` belongs to ${placesOf(key.text)}` }
      : suggestSetting(c.file, key, specs, block)),
  });
}

/** Where a setting is known, in words. */
function placesOf(key: string): string {
  const owners = ownersOf(key).filter((kind) => kind !== "trigger");
  return someOf(
    owners.map((kind) => ownerTexts[kind]),
    4,
  );
}

function suggestSetting(
  file: string,
  key: Setting["key"],
  specs: ReadonlyMap<string, SettingSpec>,
  block?: Block,
): { readonly help: string; readonly fixes: readonly Fix[] } {
  const near = suggest({ file, at: key, written: key.text, candidates: specs.keys() });
  // A word that means the setting elsewhere says more than letters that look alike.
  const meant =
    settingMeantBy(key.text, specs) ??
    (block !== undefined &&
    specs.has("output") &&
    near.help === undefined &&
    misnamedOutput(block)?.key === key
      ? "output"
      : undefined);
  if (meant !== undefined) {
    const help =
      meant === "output"
        ? "the value that comes out of a block is its `output`"
        : `it is called \`${meant}\` here`;
    const edits = [replace(file, key, meant)];
    return { help, fixes: [{ title: `write \`${meant}\``, edits, safe: false }] };
  }
  const names = [...specs.keys()].map((name) => `\`${name}\``);
  const all = names.length === 0 ? "it has no settings" : `it has ${someOf(names, 14)}`;
  return { help: near.help ?? all, fixes: near.fixes };
}

function addSpread(c: Checker, entry: Spread, work: Work): void {
  if (entry.name.text === "") return;
  const { owner, specs, found } = work;
  const meaning = resolveName(c, entry.name, owner.outer, "let");
  if (meaning === undefined) return;
  const declaration = meaning.kind === "global" ? c.world.declaration(meaning.symbol) : undefined;
  if (declaration?.kind !== "let") {
    c.report({
      code: "AF3005",
      at: entry.name,
      message: "`...` copies the entries of a `let` of the file",
      help: "declare them: `let shared = { … }`",
    });
    return;
  }
  const { type, symbol, node } = declaration;
  if (type.kind === "error") return;
  if (type.kind !== "record" || node.value.kind !== "record") {
    c.report({
      code: "AF3005",
      at: entry.name,
      message: `\`...\` copies the entries of a record, and \`${symbol.name}\` is ${describe(type)}`,
      help: `make it a record: \`let ${symbol.name} = { key: value }\``,
    });
    return;
  }
  if (symbol.file !== c.file) c.uses({ file: symbol.file });
  for (const { item, file } of spreadItems(c, declaration)) {
    const { text } = item.key;
    if (text === "") continue;
    const spec = specs.get(text);
    if (spec === undefined) {
      reportSpreadKey(c, entry, { item, file, owner });
      continue;
    }
    // As in records, the later spread wins; what the block says itself wins in any case.
    if (found.get(text)?.from === "own") continue;
    if (work.isKept) work.found.set(text, spreadSetting(item, file));
    expectEntry(c, entry, { item, file, owner, spec, type: type.fields.get(text)?.type });
  }
}

interface SpreadEntry {
  readonly item: RecordField;
  readonly file: string;
  readonly owner: Owner;
}

function reportSpreadKey(c: Checker, entry: Spread, { item, file, owner }: SpreadEntry): void {
  const { key } = item;
  const what = owner.text ?? ownerTexts[owner.kind];
  const specs = settingsFor(owner.kind);
  // A key that other things have may be right, and the spread wrong; one that nothing has is wrong where it is written.
  if (isSettingKey(key.text)) {
    c.report({
      code: "AF2003",
      at: entry.name,
      message: `${what} has no setting \`${key.text}\`, which \`...${entry.name.text}\` copies`,
      related: [{ span: spanOf(file, key), message: "it comes from here" }],
      help: `\`${key.text}\` belongs to ${placesOf(key.text)}`,
    });
    return;
  }
  c.judge(file, copiedBy(c, entry, owner), (there) =>
    there.report({
      code: "AF2003",
      at: key,
      // Whatever copies it: it is one fault.
      message: `nothing has a setting \`${key.text}\``,
      ...suggestSetting(file, key, specs),
    }),
  );
}

function copiedBy(c: Checker, entry: Spread, owner: Owner): Label {
  const what = owner.text ?? ownerTexts[owner.kind];
  return {
    span: spanOf(c.file, entry.name),
    message: `\`...${entry.name.text}\` copies it into ${what}`,
  };
}

function expectEntry(
  c: Checker,
  entry: Spread,
  {
    item,
    file,
    owner,
    spec,
    type,
  }: SpreadEntry & { readonly spec: SettingSpec; readonly type: Type | undefined },
): void {
  if (type === undefined || type.kind === "error") return;
  const { key, start, end } = item;
  const setting: Setting = { kind: "setting", doc: null, key, value: asInvoke(item), start, end };
  c.judge(file, copiedBy(c, entry, owner), (there) =>
    checkSettingValue(there, { spec, entry: setting, owner, scope: there.fileScope }),
  );
}
