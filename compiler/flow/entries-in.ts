import type { Action, Arm, Block, Entry } from "../syntax/tree.ts";

/** Visits every entry of a block and of all blocks inside it. */
export function entriesIn(block: Block, visit: (entry: Entry) => void): void {
  for (const entry of block.entries) {
    visit(entry);
    if (entry.kind === "setting") entriesInAction(entry.value, visit);
    else if (entry.kind === "step" || entry.kind === "action") entriesInAction(entry.action, visit);
    else if ((entry.kind === "state" || entry.kind === "on") && entry.block !== null)
      entriesIn(entry.block, visit);
  }
}

function entriesInAction(action: Action, visit: (entry: Entry) => void): void {
  switch (action.kind) {
    case "invoke":
      if (action.block !== null) entriesIn(action.block, visit);
      return;
    case "if":
      entriesIn(action.then, visit);
      if (action.else !== null) entriesInBody(action.else, visit);
      return;
    case "match":
      for (const arm of action.arms) entriesInBody(arm.body, visit);
      return;
    case "for":
    case "repeat":
    case "race":
      entriesIn(action.block, visit);
      return;
  }
}

function entriesInBody(body: Arm["body"], visit: (entry: Entry) => void): void {
  if (body.kind === "block") entriesIn(body, visit);
  else entriesInAction(body, visit);
}
