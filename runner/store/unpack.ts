import { setField } from "../../plan/evaluate/json-record.ts";
import type { Json } from "../../plan/expression.ts";
import { StoreError } from "../ports/store-error.ts";
import { hasReferences, originalKey, payloadContent, referredBy, type Payload } from "./payload.ts";

export type StoredPayload = Pick<Payload, "hash" | "encoding" | "bytes">;

/** Gives those that there are. */
export type LoadPayloads = (hashes: readonly string[]) => Promise<readonly StoredPayload[]>;

/** The values of texts that `pack` made. However large they are, others have their turn. */
export async function unpack(
  texts: readonly string[],
  load: LoadPayloads,
): Promise<readonly Json[]> {
  const unpacker = new Unpacker(load);
  const values: Json[] = [];
  for (const text of texts) {
    const value = unpacker.parse(text);
    const open = hasReferences(text) ? unpacker.open(value) : null;
    values.push(open === null ? value : await open);
    if (unpacker.isTired) await unpacker.breathe();
  }
  return values;
}

/** What `packFile` was given; null when it is not there. */
export async function unpackFile(hash: string, load: LoadPayloads): Promise<Uint8Array | null> {
  const [row] = await load([hash]);
  if (row === undefined) return null;
  if (row.encoding !== 2) return payloadContent(row);
  const hashes = JSON.parse(Buffer.from(row.bytes).toString()) as readonly string[];
  const parts: Uint8Array[] = [];
  for (let at = 0; at < hashes.length; at += loadedAtOnce) {
    const now = hashes.slice(at, at + loadedAtOnce);
    const rows = new Map((await load(now)).map((part) => [part.hash, part]));
    for (const one of now) {
      const part = rows.get(one);
      if (part === undefined)
        throw new StoreError("damaged", `the store lacks a part of a file: ${one}`);
      parts.push(await payloadContent(part));
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  return Buffer.concat(parts);
}

/** Payloads loaded at once. */
const loadedAtOnce = 16;
/** Others have their turn after so many characters. */
const breatheAfter = 131_072;

type Container = Record<string | number, Json>;

/** A place in a value that is to be filled. */
interface Place {
  readonly container: Container;
  readonly key: string | number;
  readonly hashes: readonly string[];
  readonly cut: boolean;
}

class Unpacker {
  private readonly load: LoadPayloads;
  /** Those that stand for themselves: many places may refer to one. */
  private readonly known = new Map<string, Json>();
  private read = 0;

  constructor(load: LoadPayloads) {
    this.load = load;
  }

  get isTired(): boolean {
    return this.read > breatheAfter;
  }

  parse(text: string): Json {
    this.read += text.length;
    return JSON.parse(text) as Json;
  }

  async breathe(): Promise<void> {
    this.read = 0;
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** Fills what a text has left open; the value has just been parsed, and nobody else has it. */
  async open(value: Json): Promise<Json> {
    const root: Container = { value };
    const places: Place[] = [];
    collect(root, "value", places);
    const whole = places.filter(({ cut }) => !cut);
    for (let at = 0; at < whole.length; at += loadedAtOnce)
      await this.fillWhole(whole.slice(at, at + loadedAtOnce));
    for (const place of places)
      if (place.cut) place.container[place.key] = await this.join(place.hashes);
    return root["value"] ?? null;
  }

  private async fillWhole(places: readonly Place[]): Promise<void> {
    const missing = places
      .map(({ hashes }) => hashes[0] ?? "")
      .filter((hash) => !this.known.has(hash));
    for (const [hash, value] of await this.values([...new Set(missing)]))
      this.known.set(hash, value);
    for (const { container, key, hashes } of places)
      container[key] = this.known.get(hashes[0] ?? "") ?? null;
  }

  private async join(hashes: readonly string[]): Promise<Json> {
    let joined: Json | undefined;
    for (let at = 0; at < hashes.length; at += loadedAtOnce) {
      const now = hashes.slice(at, at + loadedAtOnce);
      const values = new Map(await this.values([...new Set(now)]));
      for (const hash of now) joined = append(joined, values.get(hash) ?? null);
    }
    return joined ?? null;
  }

  private async values(hashes: readonly string[]): Promise<readonly (readonly [string, Json])[]> {
    if (hashes.length === 0) return [];
    const rows = new Map((await this.load(hashes)).map((row) => [row.hash, row]));
    const values: (readonly [string, Json])[] = [];
    for (const hash of hashes) {
      const row = rows.get(hash);
      if (row === undefined)
        throw new StoreError("damaged", `the store lacks a part of a large value: ${hash}`);
      const bytes = await payloadContent(row);
      const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
      const value = this.parse(text);
      values.push([hash, hasReferences(text) ? await this.open(value) : value]);
      if (this.isTired) await this.breathe();
    }
    return values;
  }
}

/** Parts are as one value was cut, and nobody else has the first one. */
function append(joined: Json | undefined, part: Json): Json {
  // Equal parts are one object.
  if (joined === undefined) return Array.isArray(part) ? (part as readonly Json[]).slice() : part;
  if (typeof joined === "string") return joined + String(part);
  if (Array.isArray(joined)) {
    for (const item of part as readonly Json[]) (joined as Json[]).push(item);
    return joined as Json;
  }
  for (const [key, value] of Object.entries(part as Record<string, Json>))
    setField(joined as Record<string, Json>, key, value);
  return joined;
}

/** Finds references, and gives keys that look like one their own form again. */
function collect(container: Container, key: string | number, places: Place[]): void {
  const value = container[key];
  if (typeof value !== "object" || value === null) return;
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length; at += 1) collect(value as unknown as Container, at, places);
    return;
  }
  const record = value as Container & { readonly [key: string]: Json };
  const referred = referredBy(record);
  if (referred !== null) {
    const cut = referred.kind === "cut";
    places.push({ container, key, hashes: cut ? referred.hashes : [referred.hash], cut });
    return;
  }
  const keys = Object.keys(record);
  let own: Container = record;
  if (keys.some((name) => originalKey(name) !== name)) {
    own = Object.fromEntries(keys.map((name) => [originalKey(name), record[name] ?? null]));
    container[key] = own as Json;
  }
  for (const name of Object.keys(own)) collect(own, name, places);
}
