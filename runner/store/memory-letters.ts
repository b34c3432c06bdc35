import type { DeadLetter, DeadLetterHead } from "../ports/dead-letter.ts";
import type { LetterFilter } from "../ports/store.ts";
import { withoutInput } from "./letter-packing.ts";

/** Dead letters of a store in memory. */
export class MemoryLetters {
  readonly byId = new Map<string, DeadLetter>();

  /** Unless one with its id is there. */
  keep(letter: DeadLetter): void {
    if (!this.byId.has(letter.id))
      this.byId.set(letter.id, JSON.parse(JSON.stringify(letter)) as DeadLetter);
  }

  list(filter: LetterFilter): readonly DeadLetterHead[] {
    const { queue, status, run, paths, withoutItems = false, after = "", limit } = filter;
    const fits = (letter: DeadLetter): boolean =>
      letter.id > after &&
      (queue === undefined || letter.queue === queue) &&
      (status === undefined || letter.status === status) &&
      (run === undefined || letter.run === run) &&
      (paths === undefined || (letter.path !== null && paths.includes(letter.path))) &&
      (!withoutItems || letter.path === null || letter.path.endsWith("!undo"));
    return [...this.byId.values()]
      .filter(fits)
      .sort((left, right) => (left.id < right.id ? -1 : 1))
      .slice(0, limit)
      .map(withoutInput);
  }

  /** False when it is not open any more. */
  close(id: string, status: "retried" | "discarded", reason: string): boolean {
    const letter = this.byId.get(id);
    if (letter?.status !== "open") return false;
    this.byId.set(id, { ...letter, status, reason });
    return true;
  }

  /** Those of a run go with it. */
  forget(run: string): void {
    for (const [id, letter] of this.byId) if (letter.run === run) this.byId.delete(id);
  }
}
