import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { compile, parse } from "../../compiler/index.ts";
import { programFiles, programHost } from "./program-host.ts";

const programs = programFiles.filter((file) => !file.includes("test"));

function hashOf(file: string, text?: string): string | undefined {
  const host = programHost(text === undefined ? new Map() : new Map([[file, text]]));
  return compile(host, file).plan?.hash;
}

function sourceOf(file: string): string {
  return programHost().read(file) ?? "";
}

/** Texts of the declarations and the imports, doc comments included. */
function pieces(file: string): {
  readonly imports: readonly string[];
  readonly declarations: readonly string[];
} {
  const text = sourceOf(file);
  const { tree } = parse(file, text);
  const cut = (node: { start: number; end: number; doc?: { start: number } | null }): string =>
    text.slice(Math.min(node.start, node.doc?.start ?? node.start), node.end);
  return { imports: tree.imports.map(cut), declarations: tree.declarations.map(cut) };
}

describe.each(programs)("the hash of %s", (file) => {
  const hash = hashOf(file);

  it("does not depend on the order of declarations", () => {
    const { imports, declarations } = pieces(file);
    expect(hashOf(file, [...imports, ...declarations].join("\n\n"))).toBe(hash);
    const shuffled = fc.shuffledSubarray([...declarations], { minLength: declarations.length });
    fc.assert(
      fc.property(shuffled, (order) => hashOf(file, [...imports, ...order].join("\n")) === hash),
      { numRuns: 5 },
    );
  });

  it("does not depend on the order of entries in blocks", () => {
    fc.assert(
      fc.property(
        fc.infiniteStream(fc.nat()),
        (numbers) => hashOf(file, shuffleBlocks(file, numbers)) === hash,
      ),
      { numRuns: 10 },
    );
  });

  it("does not depend on white space and comments", () => {
    const text = sourceOf(file);
    const { tokens } = parse(file, text);
    const spread = tokens.map(({ start, end }) => text.slice(start, end));
    const docs = text.includes("///");
    if (!docs) expect(hashOf(file, spread.join("  // note\n \t"))).toBe(hash);
    expect(
      hashOf(
        file,
        text
          .replaceAll("\n", "\n\n// note\n")
          .replaceAll(/"""[^]*?"""/g, (whole) => whole.replaceAll("\n\n// note\n", "\n")),
      ),
    ).toBe(hash);
  });

  it("depends on every prompt, number and name", () => {
    const text = sourceOf(file);
    const { tokens } = parse(file, text);
    const numbers = tokens.filter(({ start, end }) => /^\d+$/.test(text.slice(start, end)));
    for (const { start, end } of numbers.slice(0, 10)) {
      const changed =
        text.slice(0, start) + String(Number(text.slice(start, end)) + 1) + text.slice(end);
      const other = hashOf(file, changed);
      if (other !== undefined) expect(other).not.toBe(hash);
    }
  });
});

interface Span {
  readonly start: number;
  readonly end: number;
}

/** Puts the entries of every block into another order; inner blocks first, so that offsets stay right. */
function shuffleBlocks(file: string, numbers: Iterator<number> | Iterable<number>): string {
  const iterator = Symbol.iterator in numbers ? numbers[Symbol.iterator]() : numbers;
  const next = (): number => Number(iterator.next().value);
  const text = sourceOf(file);
  const { tree } = parse(file, text);
  const render = (node: unknown, span: Span): string => {
    const replaced: { readonly span: Span; readonly text: string }[] = [];
    const walk = (value: unknown): void => {
      if (typeof value !== "object" || value === null) return;
      if ("kind" in value && value.kind === "block" && value !== node) {
        const block = value as unknown as Span;
        replaced.push({ span: block, text: renderBlock(value as unknown as BlockNode) });
        return;
      }
      for (const inner of Object.values(value)) walk(inner);
    };
    walk(node);
    let result = "";
    let at = span.start;
    for (const piece of replaced.sort((left, right) => left.span.start - right.span.start)) {
      result += text.slice(at, piece.span.start) + piece.text;
      at = piece.span.end;
    }
    return result + text.slice(at, span.end);
  };
  const renderBlock = (block: BlockNode): string => {
    const entries = block.entries.map((entry) => {
      const start = Math.min(entry.start, entry.doc?.start ?? entry.start);
      return render(entry, { start, end: entry.end });
    });
    for (let index = entries.length - 1; index > 0; index -= 1) {
      const other = next() % (index + 1);
      [entries[index], entries[other]] = [entries[other] ?? "", entries[index] ?? ""];
    }
    return `{\n${entries.join("\n")}\n}`;
  };
  return render(tree, { start: 0, end: text.length });
}

interface BlockNode extends Span {
  readonly entries: readonly (Span & { readonly doc?: Span | null })[];
}
