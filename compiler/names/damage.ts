import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { ParseResult } from "../syntax/parse-result.ts";
import type { Declaration, Import } from "../syntax/tree.ts";

/** What syntax faults leave unsure, so that later phases stay silent about it: one fault, one error. */
export interface Damage {
  /** Declarations and imports that hold a syntax fault: nothing more is said about their insides. */
  readonly nodes: ReadonlySet<Declaration | Import>;
  /** Declarations whose fault is where others look: who mentions them stays silent. */
  readonly unsure: ReadonlySet<Declaration>;
  /** Names may have been lost altogether, so an unknown one is not reported. */
  readonly lostNames: boolean;
}

const none: Damage = { nodes: new Set(), unsure: new Set(), lostNames: false };

export function damageOf(parse: ParseResult): Damage {
  if (parse.formattable) return none;
  const nodes = new Set<Declaration | Import>();
  const unsure = new Set<Declaration>();
  let lostNames = false;
  for (const diagnostic of parse.diagnostics.filter(isHard)) {
    const { start, end } = diagnostic.span;
    const touched = parse.tree.declarations.filter(
      (node) => start <= node.end && end >= node.start,
    );
    for (const node of touched) {
      nodes.add(node);
      if (!isVisible(node, start)) continue;
      unsure.add(node);
      // The name itself may be what is wrong: `greetname: string)`.
      lostNames = true;
    }
    const cut = touched.length === 0 ? cutBefore(parse, start) : undefined;
    if (cut !== undefined) {
      nodes.add(cut);
      unsure.add(cut);
    }
    for (const node of parse.tree.imports)
      if (start <= node.end && end >= node.start) nodes.add(node);
    if (touched.length === 0 && parse.text.slice(start, end) !== "}") lostNames = true;
    // What follows an unclosed text was read as text.
    if (diagnostic.code === "AF1001" && parse.text.startsWith('"""', start)) lostNames = true;
  }
  return { nodes, unsure, lostNames };
}

/** The declaration of which only the name is left, because nothing behind it could be read as its own. */
function cutBefore({ tree, text }: ParseResult, offset: number): Declaration | undefined {
  const last = tree.declarations.findLast(({ end }) => end <= offset);
  if (last === undefined || !("name" in last)) return undefined;
  return text.slice(last.name.end, last.end).trim() === "" ? last : undefined;
}

/** Habits of other languages are understood as meant. */
function isHard({ code, severity }: Diagnostic): boolean {
  return severity === "error" && code < "AF1010";
}

/** Others see the head of what is called, and everything of all else. */
function isVisible(node: Declaration, offset: number): boolean {
  if (node.kind === "test") return false;
  if (node.kind !== "agent" && node.kind !== "tool" && node.kind !== "flow") return true;
  return offset <= node.block.start;
}
