import { promisify } from "node:util";
import { deflate, inflateSync } from "node:zlib";

import { sha256 } from "../../base/sha256.ts";
import type { Json } from "../../plan/expression.ts";
import type { SqliteDatabase } from "./sqlite-database.ts";

/** Larger texts are stored once by content, and referred to. In UTF-16 code units: near enough to bytes. */
const inlineLimit = 32_768;
const compressFrom = 1_048_576;
const mark = "$agentflow.payload";
/** Without the closing quote, so that it also finds the mark in its escaped form. */
const markStart = `"${mark}`;

const compress = promisify(deflate);

/** A large part of a value on its way into the store: it goes into the same transaction as the row that refers to it. */
export interface Payload {
  readonly hash: string;
  readonly encoding: 0 | 1;
  readonly bytes: Uint8Array;
}

export interface Packed {
  readonly text: string;
  readonly payloads: readonly Payload[];
}

const none: readonly Payload[] = [];

/** The JSON text of a value that is small, which nearly all are; undefined for one whose large parts must be taken out. */
export function packSmall(value: unknown): Packed | undefined {
  const text = JSON.stringify(value);
  return text.length > inlineLimit || text.includes(markStart)
    ? undefined
    : { text, payloads: none };
}

/** JSON text in which each large part of the value stands as a reference. */
export async function pack(value: Json): Promise<Packed> {
  const payloads: Payload[] = [];
  const text = await packed(value, payloads);
  return { text, payloads };
}

/**
 * Takes out the smallest parts that make a value large: a record or list is opened as long as one of its
 * members alone is too large, so that a document passed from step to step is stored once.
 */
async function packed(value: Json, payloads: Payload[]): Promise<string> {
  const text = JSON.stringify(value);
  if (text.length <= inlineLimit && !text.includes(markStart)) return text;
  if (Array.isArray(value)) {
    const items: string[] = [];
    for (const item of value as readonly Json[]) items.push(await packed(item, payloads));
    return refer(`[${items.join(",")}]`, payloads);
  }
  if (typeof value === "object" && value !== null) {
    const entries: string[] = [];
    for (const [key, item] of Object.entries(value)) {
      // A key of the user's data that looks like our reference must not become one.
      const safeKey = key.startsWith(mark) ? `${key}!` : key;
      entries.push(`${JSON.stringify(safeKey)}:${await packed(item, payloads)}`);
    }
    return refer(`{${entries.join(",")}}`, payloads);
  }
  return refer(text, payloads);
}

async function refer(text: string, payloads: Payload[]): Promise<string> {
  if (text.length <= inlineLimit) return text;
  const payload = await toPayload(Buffer.from(text));
  payloads.push(payload);
  return `{${markStart}":"${payload.hash}"}`;
}

export async function toPayload(bytes: Uint8Array): Promise<Payload> {
  const hash = sha256(bytes);
  return bytes.length > compressFrom
    ? { hash, encoding: 1, bytes: await compress(bytes) }
    : { hash, encoding: 0, bytes };
}

export interface PayloadTable {
  /** Within a flush. `user` is who refers to it: `run/12`, `state/…`, `memo/…`, `file`. What nobody uses any more is swept. */
  put(payload: Payload, user: string): void;
  get(hash: string): Uint8Array | null;
  /** The value of a text that `pack` made. */
  unpack(text: string): Json;
}

export function payloadTable(database: SqliteDatabase): PayloadTable {
  const insert = database.prepare(
    "INSERT OR IGNORE INTO payload (hash, encoding, bytes) VALUES (?, ?, ?)",
  );
  const use = database.prepare("INSERT OR IGNORE INTO payload_use (hash, user) VALUES (?, ?)");
  const select = database.prepare<{ encoding: number; bytes: Uint8Array }>(
    "SELECT encoding, bytes FROM payload WHERE hash = ?",
  );
  const get = (hash: string): Uint8Array | null => {
    const row = select.get([hash]);
    if (row === undefined) return null;
    return row.encoding === 1 ? inflateSync(row.bytes) : row.bytes;
  };
  const resolve = (value: Json): Json => {
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return (value as readonly Json[]).map(resolve);
    const record = value as { readonly [key: string]: Json };
    const hash = record[mark];
    if (typeof hash === "string") return unpack(Buffer.from(get(hash) ?? "null").toString());
    const entries = Object.entries(record);
    return Object.fromEntries(
      entries.map(([key, item]) => [key.startsWith(mark) ? key.slice(0, -1) : key, resolve(item)]),
    );
  };
  const unpack = (text: string): Json => {
    const value = JSON.parse(text) as Json;
    return text.includes(markStart) ? resolve(value) : value;
  };
  return {
    put({ hash, encoding, bytes }, user) {
      insert.run([hash, encoding, bytes]);
      use.run([hash, user]);
    },
    get,
    unpack,
  };
}
