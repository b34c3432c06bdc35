import { unreachable } from "../../base/assert.ts";
import { displayWidth } from "../diagnostics/display-width.ts";
import type { Doc } from "./doc.ts";

const indentWidth = 2;

interface Command {
  readonly doc: Doc;
  /** Columns. */
  readonly indent: number;
  readonly broken: boolean;
}

/**
 * Lays a document out within `width` columns where it can. Takes time in proportion to the text: a group
 * looks at most one line ahead.
 */
export function printDoc(doc: Doc, options: { readonly width: number }): string {
  const stack: Command[] = [{ doc, indent: 0, broken: true }];
  const out: string[] = [];
  let column = 0;
  // Spaces wait for text, so that empty lines stay empty.
  let pendingIndent = 0;
  for (let command = stack.pop(); command !== undefined; command = stack.pop()) {
    const { doc: current, indent, broken } = command;
    if (typeof current === "string") {
      if (current === "") continue;
      if (pendingIndent > 0) out.push(" ".repeat(pendingIndent));
      pendingIndent = 0;
      out.push(current);
      column += displayWidth(current);
      continue;
    }
    switch (current.kind) {
      case "concat":
        pushParts(stack, current.parts, command);
        break;
      case "indent":
        stack.push({ doc: current.content, indent: indent + indentWidth, broken });
        break;
      case "group": {
        const flat: Command = { doc: current.content, indent, broken: false };
        const fitting =
          !current.mustBreak && (!broken || fits(flat, stack, options.width - column));
        stack.push(fitting ? flat : { ...flat, broken: true });
        break;
      }
      case "line":
        if (broken || current.mustBreak) {
          out.push(current.blank ? "\n\n" : "\n");
          column = pendingIndent = indent;
        } else if (!current.soft) {
          out.push(" ");
          column += 1;
        }
        break;
      case "ifBroken":
        stack.push({ doc: broken ? current.broken : current.flat, indent, broken });
        break;
      case "suffix":
        out.push(current.text);
        break;
      default:
        unreachable(current);
    }
  }
  return out.join("");
}

/** All lines flat: what stands inside `${…}`, where no line may break. */
export function printFlat(doc: Doc): string {
  if (typeof doc === "string") return doc;
  switch (doc.kind) {
    case "concat":
      return doc.parts.map(printFlat).join("");
    case "indent":
    case "group":
      return printFlat(doc.content);
    case "line":
      return doc.soft ? "" : " ";
    case "ifBroken":
      return doc.flat;
    case "suffix":
      return "";
    default:
      return unreachable(doc);
  }
}

/** Whether a flat command, and what follows it up to the next possible line break, stays within the room. */
function fits(command: Command, rest: readonly Command[], room: number): boolean {
  let left = room;
  let restIndex = rest.length;
  const stack: Command[] = [command];
  while (left >= 0) {
    const next = stack.pop();
    if (next === undefined) {
      restIndex -= 1;
      const following = rest[restIndex];
      if (following === undefined) return true;
      stack.push(following);
      continue;
    }
    const { doc, indent, broken } = next;
    if (typeof doc === "string") {
      left -= displayWidth(doc);
      continue;
    }
    switch (doc.kind) {
      case "concat":
        pushParts(stack, doc.parts, next);
        break;
      case "indent":
        stack.push({ doc: doc.content, indent, broken });
        break;
      case "group":
        stack.push({ doc: doc.content, indent, broken: broken || doc.mustBreak });
        break;
      case "line":
        if (broken || doc.mustBreak) return true;
        if (!doc.soft) left -= 1;
        break;
      case "ifBroken":
        left -= (broken ? doc.broken : doc.flat).length;
        break;
      case "suffix":
        break;
      default:
        unreachable(doc);
    }
  }
  return false;
}

function pushParts(stack: Command[], parts: readonly Doc[], { indent, broken }: Command): void {
  for (let index = parts.length - 1; index >= 0; index -= 1) {
    const doc = parts[index];
    if (doc !== undefined) stack.push({ doc, indent, broken });
  }
}
