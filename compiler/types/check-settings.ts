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
import { spreadItems } from "./merge-settings.ts";
import { reportStrayEntry } from "./report-stray-entry.ts";
import { resolveName } from "./resolve-name.ts";
import type { Owner } from "./setting-owner.ts";
import { isSettingKey, ownerTexts, ownersOf, settingsFor } from "./settings-table.ts";
import type { Sees, SettingSpec } from "./settings-table.ts";
import type { Type } from "./type.ts";
import { settingMeantBy } from "./setting-synonyms.ts";
import { misnamedOutput } from "./valueless.ts";

/** Checks the settings of a block and keeps them, spreads resolved; own settings win. */
export function checkSettings(
  c: Checker,
  block: Block,
  owner: Owner,
): ReadonlyMap<string, ResolvedSetting> {
  const found = new Map<string, ResolvedSetting>();
  const all: Found = { specs: settingsFor(owner.kind), found, scopes: new Map() };
  for (const entry of block.entries)
    if (entry.kind === "setting") checkSetting(c, entry, { block, owner }, all);
  // What is no setting often falls apart into several entries: the first tells enough.
  const stray = owner.hasSteps
    ? undefined
    : block.entries.find((entry) => entry.kind !== "setting" && entry.kind !== "spread");
  if (stray !== undefined) reportStrayEntry(c, stray, owner);
  for (const entry of block.entries) if (entry.kind === "spread") addSpread(c, entry, owner, all);
  c.results.settings.set(block, found);
  return found;
}

interface Found {
  readonly specs: ReadonlyMap<string, SettingSpec>;
  readonly found: Map<string, ResolvedSetting>;
  readonly scopes: Map<Sees, Scope>;
}

interface Place {
  readonly block: Block;
  readonly owner: Owner;
}

const noTypes: ReadonlyMap<string, Type> = new Map();

function checkSetting(
  c: Checker,
  entry: Setting,
  { block, owner }: Place,
  { specs, found, scopes }: Found,
): void {
  const { key } = entry;
  if (key.text === "") return;
  const first = found.get(key.text);
  if (first !== undefined) {
    c.report({
      code: "AF2002",
      at: key,
      message: `\`${key.text}\` is set twice`,
      related: [{ span: spanOf(c.file, first.node.key), message: "first set here" }],
      help: "remove one of the two",
    });
    return;
  }
  const spec = specs.get(key.text);
  if (spec === undefined) {
    reportUnknown(c, key, { block, owner });
    inferAnyway(c, entry, owner);
    return;
  }
  found.set(key.text, {
    key: key.text,
    value: entry.value,
    file: c.file,
    from: "own",
    node: entry,
    typeArgs: noTypes,
  });
  checkSettingValue(c, {
    spec,
    entry,
    owner,
    scope: scopeFor(c, owner, spec.owners[owner.kind] ?? "F", scopes),
  });
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
function scopeFor(c: Checker, owner: Owner, sees: Sees, scopes: Map<Sees, Scope>): Scope {
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
  let scope = scopes.get(sees);
  if (scope === undefined) {
    const { flow } = owner.inner;
    scope = new Scope(base, {
      hidden: owner.inner,
      hiddenBecause: whys[sees],
      inTest: owner.inner.inTest,
      ...(flow === null ? {} : { flow }),
    });
    scopes.set(sees, scope);
  }
  return scope;
}

function reportUnknown(c: Checker, key: Setting["key"], { block, owner }: Place): void {
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

function addSpread(c: Checker, entry: Spread, owner: Owner, { specs, found }: Found): void {
  if (entry.name.text === "") return;
  const meaning = resolveName(c, entry.name, owner.outer, { wanted: "let" });
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
    // As in records, the later spread wins; what the block says itself wins in any case.
    if (text === "" || found.get(text)?.from === "own") continue;
    const spec = specs.get(text);
    if (spec === undefined) reportSpreadKey(c, entry, { item, file, owner });
    else addEntry(c, entry, { item, file, owner, spec, type: type.fields.get(text)?.type, found });
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
      message: `${what} has no setting \`${key.text}\``,
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

function addEntry(
  c: Checker,
  entry: Spread,
  {
    item,
    file,
    owner,
    spec,
    type,
    found,
  }: SpreadEntry & {
    spec: SettingSpec;
    type: Type | undefined;
    found: Map<string, ResolvedSetting>;
  },
): void {
  const value = asInvoke(item);
  found.set(item.key.text, {
    key: item.key.text,
    value,
    file,
    from: "spread",
    node: item,
    typeArgs: noTypes,
  });
  if (type === undefined || type.kind === "error") return;
  const { key, start, end } = item;
  c.judge(file, copiedBy(c, entry, owner), (there) =>
    checkSettingValue(there, {
      spec,
      entry: { kind: "setting", doc: null, key, value, start, end },
      owner,
      scope: there.fileScope,
    }),
  );
}
