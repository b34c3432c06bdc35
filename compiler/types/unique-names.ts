import { spanOf } from "../names/reporter.ts";
import type { Action, Arm, Block, If, Name } from "../syntax/tree.ts";
import type { Checker } from "./checker.ts";

/**
 * Reports every step, let and state of a flow whose name another one has: names are identities in the history. Branches
 * of one `if` or `match` exclude each other and may repeat names.
 */
export function reportRepeatedNames(c: Checker, block: Block): void {
  inBlock(c, block, new Seen(null));
}

class Seen {
  readonly #parent: Seen | null;
  readonly #names = new Map<string, Name>();

  constructor(parent: Seen | null) {
    this.#parent = parent;
  }

  find(text: string): Name | undefined {
    return this.#names.get(text) ?? this.#parent?.find(text);
  }

  add(name: Name): void {
    if (!this.#names.has(name.text)) this.#names.set(name.text, name);
  }

  addAll(branch: Seen): void {
    for (const name of branch.#names.values()) this.add(name);
  }
}

function inBlock(c: Checker, block: Block, seen: Seen): void {
  for (const entry of block.entries) {
    switch (entry.kind) {
      case "step":
        declare(c, entry.name, seen);
        inAction(c, entry.action, seen);
        break;
      case "let":
        declare(c, entry.name, seen);
        break;
      case "state":
        declare(c, entry.name, seen);
        if (entry.block !== null) inBlock(c, entry.block, seen);
        break;
      case "action":
        inAction(c, entry.action, seen);
        break;
      case "setting":
        inAction(c, entry.value, seen);
        break;
      default:
    }
  }
}

function declare(c: Checker, name: Name, seen: Seen): void {
  if (name.text === "") return;
  const first = seen.find(name.text);
  if (first === undefined) return seen.add(name);
  c.report({
    code: "AF2002",
    at: name,
    message: `\`${name.text}\` is used twice in this flow`,
    label: "the same name again",
    related: [{ span: spanOf(c.file, first), message: "first used here" }],
    help: "give it another name: the name identifies it in the history, in tests and when a run is resumed",
  });
}

function inAction(c: Checker, action: Action, seen: Seen): void {
  switch (action.kind) {
    case "invoke":
      if (action.block !== null) inBlock(c, action.block, seen);
      return;
    case "if":
      return inBranches(c, branchesOf(action), seen);
    case "match":
      return inBranches(
        c,
        action.arms.map((arm: Arm) => arm.body),
        seen,
      );
    default:
      return inBlock(c, action.block, seen);
  }
}

function branchesOf(node: If): (Block | Action)[] {
  const branches: Block[] = [node.then];
  let rest = node.else;
  while (rest !== null && rest.kind === "if") {
    branches.push(rest.then);
    rest = rest.else;
  }
  return rest === null ? branches : [...branches, rest];
}

function inBranches(c: Checker, branches: readonly (Block | Action)[], seen: Seen): void {
  const all = branches.map((branch) => {
    const own = new Seen(seen);
    if (branch.kind === "block") inBlock(c, branch, own);
    else inAction(c, branch, own);
    return own;
  });
  for (const own of all) seen.addAll(own);
}
