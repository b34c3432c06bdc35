import { UserMistake } from "./user-mistake.ts";

type Value = string | boolean | readonly string[] | undefined;

/** The options of one command line, by long name. */
export class Options {
  readonly #values: ReadonlyMap<string, Value>;

  constructor(values: Iterable<readonly [string, Value]>) {
    this.#values = new Map(values);
  }

  /** Whether a switch is on. */
  on(name: string): boolean {
    return this.#values.get(name) === true;
  }

  text(name: string): string | undefined {
    const value = this.#values.get(name);
    return typeof value === "string" ? value : undefined;
  }

  texts(name: string): readonly string[] {
    const value = this.#values.get(name);
    if (typeof value === "string") return [value];
    return Array.isArray(value) ? (value as readonly string[]) : [];
  }

  whole(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
    throw new UserMistake(`--${name} takes a whole number, not \`${text}\``, {
      hints: [`for example --${name} 20`],
    });
  }
}
