import type { Action, Block, Name } from "../syntax/tree.ts";

export interface FoundName {
  readonly block: Block;
  /** "the step `handled`", "a step". */
  readonly owner: string;
  readonly at: Name;
}

/** A step, let or state of this name in a block inside `block`, at any depth. */
export function flowBlockWith(block: Block, name: string): FoundName | undefined {
  for (const entry of block.entries) {
    const action =
      entry.kind === "step" || entry.kind === "action"
        ? entry.action
        : entry.kind === "setting"
          ? entry.value
          : undefined;
    if (action === undefined) continue;
    const owner =
      entry.kind === "step"
        ? `the step \`${entry.name.text}\``
        : entry.kind === "setting"
          ? `\`${entry.key.text}\``
          : "a step";
    for (const inner of blocksOf(action)) {
      const at = declaredIn(inner, name);
      if (at !== undefined) return { block: inner, owner, at };
      const deeper = flowBlockWith(inner, name);
      if (deeper !== undefined) return deeper;
    }
  }
  return undefined;
}

function declaredIn(block: Block, name: string): Name | undefined {
  for (const entry of block.entries) {
    if (
      (entry.kind === "step" || entry.kind === "let" || entry.kind === "state") &&
      entry.name.text === name
    )
      return entry.name;
  }
  return undefined;
}

/** The blocks directly inside an action, the settings of a call among them. */
export function blocksOf(action: Action): readonly Block[] {
  switch (action.kind) {
    case "invoke":
      return action.block === null ? [] : [action.block];
    case "if":
      return [
        action.then,
        ...(action.else === null
          ? []
          : action.else.kind === "if"
            ? blocksOf(action.else)
            : [action.else]),
      ];
    case "match":
      return action.arms.flatMap((arm) =>
        arm.body.kind === "block" ? [arm.body] : blocksOf(arm.body),
      );
    default:
      return [action.block];
  }
}
