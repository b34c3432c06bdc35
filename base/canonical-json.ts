/** What JSON can say. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: Json;
}

/** The value holds something that JSON would drop, change or refuse. */
export class NotJsonError extends TypeError {
  override readonly name = "NotJsonError";

  /** Where it is, as `$.steps[2].input`. */
  readonly path: string;

  constructor(what: string, path: string) {
    super(`${what} at ${path} has no canonical JSON`);
    this.path = path;
  }
}

/** Deeper data is refused instead of exhausting the stack. */
const maximumDepth = 1_000;

/**
 * One text for one value, whatever the order its keys were added in: keys sorted by UTF-16 code units,
 * no white space, numbers and strings as ECMAScript prints them, like RFC 8785. Equal texts therefore mean
 * equal values, which is what hashes and cache keys need.
 *
 * `JSON.stringify` silently drops `undefined` and functions and turns NaN into null; two different values
 * would get one hash. Here they are refused.
 *
 * @throws NotJsonError
 */
export function canonicalJson(value: unknown): string {
  return write(value, []);
}

type Path = (string | number)[];

function write(value: unknown, path: Path): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value);
    case "number":
      if (!Number.isFinite(value)) throw new NotJsonError(String(value), printPath(path));
      return JSON.stringify(value);
    case "boolean":
      return value ? "true" : "false";
    case "object":
      return value === null ? "null" : writeObject(value, path);
    default:
      throw new NotJsonError(typeof value, printPath(path));
  }
}

function writeObject(value: object, path: Path): string {
  if (path.length >= maximumDepth) {
    throw new NotJsonError(`a nesting of ${maximumDepth} levels`, "$");
  }
  if (Array.isArray(value)) return writeList(value, path);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new NotJsonError(`a ${value.constructor.name}`, printPath(path));
  }
  return writeRecord(value as Record<string, unknown>, path);
}

function writeList(list: readonly unknown[], path: Path): string {
  let text = "[";
  // An index loop, because `map` would skip holes, which are as absent as `undefined`.
  for (let index = 0; index < list.length; index += 1) {
    path.push(index);
    text += index === 0 ? write(list[index], path) : `,${write(list[index], path)}`;
    path.pop();
  }
  return `${text}]`;
}

function writeRecord(record: Record<string, unknown>, path: Path): string {
  let text = "{";
  // The default order compares UTF-16 code units, which is the order RFC 8785 asks for.
  for (const key of Object.keys(record).sort()) {
    path.push(key);
    const separator = text.length === 1 ? "" : ",";
    text += `${separator}${JSON.stringify(key)}:${write(record[key], path)}`;
    path.pop();
  }
  return `${text}}`;
}

function printPath(path: Path): string {
  const parts = path.map((part) => {
    if (typeof part === "number") return `[${part}]`;
    return /^[A-Za-z_]\w*$/.test(part) ? `.${part}` : `[${JSON.stringify(part)}]`;
  });
  return `$${parts.join("")}`;
}
