/** Finds the next `}`, and remembers it, so that texts full of `${` without `}` are not searched again for each. */
export class BraceFinder {
  readonly #text: string;
  #from = -1;
  #found = -1;

  constructor(text: string) {
    this.#text = text;
  }

  /** Offset of the first `}` at or behind `from`; the length of the text if there is none. */
  next(from: number): number {
    if (from < this.#from || from > this.#found) {
      const found = this.#text.indexOf("}", from);
      this.#from = from;
      this.#found = found < 0 ? this.#text.length : found;
    }
    return this.#found;
  }
}
