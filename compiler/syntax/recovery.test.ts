import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { applyEdits } from "../diagnostics/apply-fixes.ts";
import { LineMap } from "../source/line-map.ts";
import { parse } from "./parse.ts";
import { scan } from "./scan.ts";

/** What the parser promises about faults, counted over all programs of the acceptance suite. */

const counted = new Set("import let type config role model agent tool flow test step".split(" "));

const folder = join(import.meta.dirname, "../../test/programs");
const programs = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".agentflow"))
  .sort()
  .map((file) => readProgram(file, readFileSync(join(folder, file), "utf8")));

interface Program {
  readonly file: string;
  readonly text: string;
  readonly pieces: readonly Piece[];
  readonly tokens: readonly { readonly start: number; readonly end: number }[];
}

/** A declaration or a step. */
interface Piece {
  readonly key: string;
  readonly start: number;
  readonly end: number;
}

function readProgram(file: string, text: string): Program {
  const { tree, tokens, diagnostics } = parse(file, text);
  expect(diagnostics).toEqual([]);
  return { file, text, tokens, pieces: piecesOf(tree) };
}

function piecesOf(node: unknown, found: Piece[] = []): Piece[] {
  if (typeof node !== "object" || node === null) return found;
  const { kind = "", name, title, from, start = 0, end = 0 } = node as Partial<Named>;
  if (counted.has(kind)) {
    found.push({ key: JSON.stringify([kind, nameOf(name ?? title ?? from)]), start, end });
  }
  for (const value of Object.values(node)) piecesOf(value, found);
  return found;
}

interface Named extends Piece {
  readonly kind: string;
  readonly name: Text;
  readonly title: Text;
  readonly from: Text;
}

interface Text {
  readonly text?: string;
  readonly parts?: readonly { readonly text?: string }[];
}

function nameOf(named: Text | undefined): string {
  return named?.text ?? named?.parts?.[0]?.text ?? "";
}

interface Fault {
  readonly program: Program;
  readonly text: string;
  /** The part of the original text that the fault touches. */
  readonly start: number;
  readonly end: number;
}

interface Tally {
  faults: number;
  /** Faults that give an error; the others left a valid program. */
  invalid: number;
  errors: number;
  single: number;
  rightLine: number;
  restored: number;
  pieces: number;
  kept: number;
}

function tally(faults: Iterable<Fault>): Tally {
  const sum: Tally = {
    faults: 0,
    invalid: 0,
    errors: 0,
    single: 0,
    rightLine: 0,
    restored: 0,
    pieces: 0,
    kept: 0,
  };
  for (const fault of faults) {
    const { diagnostics, tree } = parse(fault.program.file, fault.text);
    sum.faults += 1;
    countPieces(sum, fault, piecesOf(tree));
    const errors = diagnostics.filter(({ severity }) => severity === "error");
    const [first] = errors;
    if (first === undefined) continue;
    sum.invalid += 1;
    sum.errors += errors.length;
    if (errors.length === 1) sum.single += 1;
    const lines = new LineMap(fault.text);
    if (lines.positionAt(first.span.start).line === lines.positionAt(fault.start).line)
      sum.rightLine += 1;
    if (errors.some((error) => restores(error, fault))) sum.restored += 1;
  }
  return sum;
}

/** All but the innermost piece that the fault touches have to be there still. */
function countPieces(sum: Tally, { program, start, end }: Fault, found: readonly Piece[]): void {
  const touched = program.pieces
    .filter((piece) => piece.start < end && piece.end > start)
    .sort((a, b) => a.end - a.start - (b.end - b.start))[0];
  const left = new Map<string, number>();
  for (const { key } of found) left.set(key, (left.get(key) ?? 0) + 1);
  for (const piece of program.pieces) {
    if (piece === touched || (piece.start >= start && piece.start < end)) continue;
    sum.pieces += 1;
    const count = left.get(piece.key) ?? 0;
    if (count > 0) sum.kept += 1;
    left.set(piece.key, count - 1);
  }
}

function restores({ fixes = [] }: Diagnostic, { program, text }: Fault): boolean {
  return fixes.some((fix) => words(applyEdits(text, fix.edits)) === words(program.text));
}

function words(text: string): string {
  return scan("f", text)
    .tokens.map(({ start, end }) => text.slice(start, end))
    .join("\0");
}

type Change = (text: string, token: { start: number; end: number }, other: string) => string;

const changes: Readonly<Record<string, Change>> = {
  delete: (text, { start, end }) => text.slice(0, start) + text.slice(end),
  insert: (text, { start }, other) => `${text.slice(0, start)}${other} ${text.slice(start)}`,
  replace: (text, { start, end }, other) => text.slice(0, start) + other + text.slice(end),
  duplicate: (text, { start, end }) =>
    `${text.slice(0, end)} ${text.slice(start, end)}${text.slice(end)}`,
};

const vocabulary = programs
  .flatMap(({ text, tokens }) => tokens.map(({ start, end }) => text.slice(start, end)))
  .filter((word) => !word.includes("\n"));

/** Every `stride`-th token is changed; what comes in is drawn from the programs, always in the same way. */
function* changed(kind: string, stride: number): Generator<Fault> {
  let seed = 12_345;
  for (const program of programs) {
    for (let index = 0; index < program.tokens.length; index += stride) {
      const token = program.tokens[index]!;
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      const other = vocabulary[seed % vocabulary.length]!;
      yield { program, text: changes[kind]!(program.text, token, other), ...token };
    }
  }
}

function* withoutLines(): Generator<Fault> {
  for (const program of programs) {
    let start = 0;
    for (const line of program.text.split("\n")) {
      const end = start + line.length;
      if (line.trim() !== "") {
        yield {
          program,
          text: program.text.slice(0, start) + program.text.slice(end + 1),
          start,
          end,
        };
      }
      start = end + 1;
    }
  }
}

test.each([
  ["delete", 2],
  ["insert", 6],
  ["replace", 6],
  ["duplicate", 6],
])("%s a token: one error, on its line, and all else stays", (kind, stride) => {
  const sum = tally(changed(kind, stride));
  expect(sum.invalid).toBeGreaterThan(400);
  expect(sum.errors / sum.invalid).toBeLessThanOrEqual(1.02);
  expect(sum.single / sum.invalid).toBeGreaterThanOrEqual(0.98);
  expect(sum.rightLine / sum.invalid).toBeGreaterThanOrEqual(0.99);
  expect(sum.kept / sum.pieces).toBeGreaterThanOrEqual(0.998);
  if (kind === "delete") expect(sum.restored / sum.invalid).toBeGreaterThanOrEqual(0.45);
});

test("cut a line: all else stays", () => {
  const sum = tally(withoutLines());
  expect(sum.faults).toBeGreaterThan(600);
  expect(sum.kept / sum.pieces).toBeGreaterThanOrEqual(0.995);
});

test("two faults in one program are two errors", () => {
  const sum = { faults: 0, errors: 0, right: 0 };
  for (const { file, text, tokens, pieces } of programs) {
    if (pieces.length < 6) continue;
    for (let index = 0; index + 60 < tokens.length; index += 37) {
      const [first, second] = [tokens[index]!, tokens[index + 60]!];
      const once = (token: { start: number; end: number }): Diagnostic[] =>
        errorsOf(file, changes["delete"]!(text, token, ""));
      const [alone, other] = [once(first), once(second)];
      if (alone.length !== 1 || other.length !== 1) continue;
      const both = errorsOf(
        file,
        changes["delete"]!(changes["delete"]!(text, second, ""), first, ""),
      );
      sum.faults += 2;
      sum.errors += both.length;
      if (both.length === 2) sum.right += 2;
    }
  }
  expect(sum.faults).toBeGreaterThan(100);
  expect(sum.right / sum.faults).toBeGreaterThan(0.9);
});

function errorsOf(file: string, text: string): Diagnostic[] {
  return parse(file, text).diagnostics.filter(({ severity }) => severity === "error");
}
