import { promisify } from "node:util";
import { deflate, inflateSync } from "node:zlib";

import { sha256 } from "../../base/sha256.ts";
import type { Json } from "../../plan/expression.ts";

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

/** What `toPayload` was given. */
export function payloadContent({
  encoding,
  bytes,
}: Pick<Payload, "encoding" | "bytes">): Uint8Array {
  return encoding === 1 ? inflateSync(bytes) : bytes;
}

/** Whether a text that `pack` made has references in it. */
export function hasReferences(text: string): boolean {
  return text.includes(markStart);
}

/** Replaces the references in a value; `load` gives the value of one. */
export function resolveReferences(value: Json, load: (hash: string) => Json): Json {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value))
    return (value as readonly Json[]).map((item) => resolveReferences(item, load));
  const record = value as { readonly [key: string]: Json };
  const hash = record[mark];
  if (typeof hash === "string") return load(hash);
  return Object.fromEntries(
    Object.entries(record).map(([key, item]) => [
      key.startsWith(mark) ? key.slice(0, -1) : key,
      resolveReferences(item, load),
    ]),
  );
}
