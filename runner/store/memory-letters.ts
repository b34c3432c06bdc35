import type { DeadLetter } from "../ports/dead-letter.ts";
import type { Store } from "../ports/store.ts";

/** Dead letters of a store in memory. */
export class MemoryLetters {
  readonly byId = new Map<string, DeadLetter>();

  /** Unless one with its id is there. */
  keep(letter: DeadLetter): void {
    if (!this.byId.has(letter.id))
      this.byId.set(letter.id, JSON.parse(JSON.stringify(letter)) as DeadLetter);
  }

  list({ queue, status, run }: Parameters<Store["deadLetters"]>[0]): readonly DeadLetter[] {
    return [...this.byId.values()].filter(
      (letter) =>
        (queue === undefined || letter.queue === queue) &&
        (status === undefined || letter.status === status) &&
        (run === undefined || letter.run === run),
    );
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
