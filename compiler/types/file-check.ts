import type { BlockChange } from "../names/changed-block.ts";
import type { Module } from "../names/module-graph.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { CheckedModule, CheckedProgram } from "./checked.ts";
import { changedDeclaration } from "./changed-declaration.ts";
import { checkDeclaration } from "./check-declaration.ts";
import { checkedModule, findingsIn } from "./checked-module.ts";
import type { FileChecker, Uses } from "./file-checker.ts";
import { findingsAfter } from "./findings-after.ts";
import { OpenDeclarations } from "./open-declarations.ts";
import type { World } from "./world.ts";

/** A file in the snapshot before. */
export interface FileBefore {
  readonly module: Module;
  readonly checked: CheckedModule;
  readonly uses: Uses;
}

const open = new WeakMap<CheckedModule, OpenDeclarations>();

const worlds = new WeakMap<CheckedProgram, World>();

/** To be said of each file that a snapshot takes from the one before. */
export function keepOpen(module: CheckedModule, world: World): void {
  open.get(module)?.resume(world);
}

/** To be said of a snapshot whose files may be given back to it. */
export function rememberWorld(program: CheckedProgram, world: World): void {
  worlds.set(program, world);
}

/**
 * To be said of each file of a snapshot that lives on, when no later one has that file any more. The file would hold the last
 * snapshot that had it, whose files hold others, and so on without end.
 */
export function giveBack(module: CheckedModule, program: CheckedProgram): void {
  const world = worlds.get(program);
  if (world !== undefined) open.get(module)?.resume(world);
}

/** The check of one file, or of the one declaration of it that has changed. */
export class FileCheck {
  readonly #module: Module;
  readonly #checker: FileChecker;
  readonly #before: FileBefore | null;
  readonly #change: BlockChange | null;

  /** `before` is the file before a change of nothing but its own text. */
  constructor(module: Module, checker: FileChecker, before: FileBefore | null) {
    this.#module = module;
    this.#checker = checker;
    this.#before = before;
    this.#change = before === null ? null : changedDeclaration(before.module, module, before.uses);
  }

  start(): void {
    const { declarations } = this.#module.parse.tree;
    const only = this.#change === null ? undefined : declarations[this.#change.index];
    for (const node of only === undefined ? declarations : [only]) {
      checkDeclaration(this.#checker, node);
      this.#checker.finish();
    }
  }

  /** What it needs of other files; of declarations that are not looked at, what they needed before. */
  get used(): Uses {
    const { used } = this.#checker;
    const before = this.#change === null ? undefined : this.#before?.uses;
    if (before === undefined) return used;
    for (const file of before.files) used.files.add(file);
    used.config ||= before.config;
    used.codes ||= before.codes;
    return used;
  }

  finish(): CheckedModule {
    this.#checker.finish();
    const part = this.#part();
    if (part === null) {
      if (this.#change !== null) this.#checkRest(this.#change.index);
      return checkedModule(this.#module, {
        checker: this.#checker,
        found: this.#checker.diagnostics,
      });
    }
    const { found, change } = part;
    const { declarations } = this.#module.parse.tree;
    const rest = new OpenDeclarations(this.#checker, declarations, change.index);
    const module = checkedModule(this.#module, { checker: this.#checker, found, open: rest });
    open.set(module, rest);
    return module;
  }

  /** When all files are finished. */
  forget(): void {
    this.#checker.forget();
  }

  #part(): { readonly found: readonly Diagnostic[]; readonly change: BlockChange } | null {
    const change = this.#change;
    const old = this.#before?.checked;
    if (change === null || old === undefined) return null;
    const found = findingsAfter(findingsIn(old), this.#checker.diagnostics, {
      old: old.parse,
      now: this.#module.parse,
      change,
    });
    return found === null ? null : { found, change };
  }

  #checkRest(checked: number): void {
    for (const [index, node] of this.#module.parse.tree.declarations.entries()) {
      if (index === checked) continue;
      checkDeclaration(this.#checker, node);
      this.#checker.finish();
    }
  }
}
