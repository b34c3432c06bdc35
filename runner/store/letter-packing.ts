import type { Json } from "../../plan/expression.ts";
import type { DeadLetter, DeadLetterHead } from "../ports/dead-letter.ts";
import { Packer, type Packed } from "./payload.ts";

/** A dead letter on its way into the store: its input stands by itself, so that a list need not read it. */
export interface PackedLetter {
  readonly letter: DeadLetter;
  readonly body: Packed;
  readonly input: Packed;
}

export async function packLetters(
  letters: readonly DeadLetter[],
  packer = new Packer(),
): Promise<readonly PackedLetter[]> {
  const packed: PackedLetter[] = [];
  for (const letter of letters) {
    const { input, ...head } = letter;
    const body = await packer.pack(head as unknown as Json);
    packed.push({ letter, body, input: await packer.pack(input) });
  }
  return packed;
}

export interface LetterRow {
  readonly body: string;
  /** Null in a letter from before inputs stood by themselves: it is in the body. */
  readonly input: string | null;
  readonly status: DeadLetter["status"];
  readonly reason: string | null;
}

/** What was packed, of rows that were read; inputs are null unless they are asked for. */
export async function unpackLetters(
  rows: readonly LetterRow[],
  unpack: (texts: readonly string[]) => Promise<readonly Json[]>,
): Promise<readonly DeadLetter[]> {
  const bodies = await unpack(rows.map(({ body }) => body));
  const inputs = await unpack(rows.map(({ input }) => input ?? "null"));
  return rows.map((row, index): DeadLetter => {
    const body = bodies[index] as unknown as DeadLetter;
    const input = row.input === null ? (body.input ?? null) : (inputs[index] ?? null);
    const reason = row.reason === null ? {} : { reason: row.reason };
    return { ...body, input, status: row.status, ...reason };
  });
}

export function withoutInput({ input: _, ...head }: DeadLetter): DeadLetterHead {
  return head;
}
