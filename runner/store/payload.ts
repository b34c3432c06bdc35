import { promisify } from "node:util";
import { deflate, inflate } from "node:zlib";

import { sha256, sha256Steps } from "../../base/sha256.ts";
import type { Json } from "../../plan/expression.ts";

/** Larger texts are stored once by content, and referred to. In UTF-16 code units: near enough to bytes. */
const inlineLimit = 32_768;
const compressFrom = 1_048_576;
const mark = "$agentflow.payload";
/** Without the closing quote, so that it also finds the mark of parts, and both in their escaped forms. */
const markStart = `"${mark}`;
/** Parts of a list, a record or a text, to be joined: nobody has to read or write one that is long in one go. */
const cutMark = `${mark}s`;
/** A part ends with the member that makes it longer than this. */
const partLength = 65_536;
/** Of a file, in bytes. */
const filePartLength = 262_144;

const compress = promisify(deflate);
const decompress = promisify(inflate);

/** A large part of a value on its way into the store: it goes into the same transaction as the row that refers to it. */
export interface Payload {
  readonly hash: string;
  /**
   * 0: as it is. 1: deflated. 2: the hashes of its parts, as JSON; files only. 3: a file that a value mentions, without its bytes: it was
   * stored before, and is only used here.
   */
  readonly encoding: 0 | 1 | 2 | 3;
  readonly bytes: Uint8Array;
}

export interface Packed {
  readonly text: string;
  readonly payloads: readonly Payload[];
}

const none: readonly Payload[] = [];
const noBytes = new Uint8Array(0);

/** The JSON text of a value that is small, which nearly all are; undefined for one whose large parts must be taken out. */
export function packSmall(value: unknown): Packed | undefined {
  const text = smallText(value);
  return text === undefined ? undefined : { text, payloads: filesIn(text) };
}

/** As a value of type `file` writes it, or a text that quotes one. */
const fileHash = /sha256\\*":\s?\\*"([0-9a-f]{64})/g;

/** The files that a text mentions. Whatever only looks like one costs nothing: what is not stored can't be used. */
function filesIn(text: string): readonly Payload[] {
  if (!text.includes("sha256")) return none;
  const hashes = Array.from(text.matchAll(fileHash), ([, hash = ""]) => hash);
  return [...new Set(hashes)].map((hash) => ({ hash, encoding: 3, bytes: noBytes }));
}

function smallText(value: unknown): string | undefined {
  // To find out by writing a large value would hold everybody up.
  if (room(value, inlineLimit) < 0) return undefined;
  const text = JSON.stringify(value);
  return text.length > inlineLimit || holdsMark(text) ? undefined : text;
}

/** A dollar sign is found faster than one of the many quotes. */
function holdsMark(text: string): boolean {
  return text.includes(mark) && text.includes(markStart);
}

/** What is left of so many characters, at best, when the value is written; negative as soon as there is not enough. */
function room(value: unknown, most: number): number {
  if (typeof value === "string") return most - value.length;
  if (typeof value !== "object" || value === null) return most - 1;
  let left = most - 2;
  if (Array.isArray(value)) {
    left -= value.length;
    for (let at = 0; at < value.length && left >= 0; at += 1) left = room(value[at], left);
    return left;
  }
  for (const key in value) {
    left = room((value as { readonly [key: string]: unknown })[key], left - key.length - 3);
    if (left < 0) return left;
  }
  return left;
}

/** JSON text in which each large part of the value stands as a reference. */
export function pack(value: Json): Promise<Packed> {
  return new Packer().pack(value);
}

/** Frozen lists are written once, and their text is kept as long as they are. */
const frozenTexts = new WeakMap<object, Packed>();
/** Others have their turn after so many characters. */
const breatheAfter = 131_072;
/** A frozen list stands for itself from this size on: it will be referred to again. */
const frozenLimit = 1_024;

/**
 * Takes out the smallest parts that make a value large: a record or list is opened as long as one of its
 * members alone is too large, so that a document passed from step to step is stored once. What is packed with one packer is
 * written once, wherever it occurs.
 */
export class Packer {
  private readonly known = new Map<object, Packed>();
  private written = 0;

  async pack(value: Json): Promise<Packed> {
    const isObject = typeof value === "object" && value !== null;
    const known = isObject ? (frozenTexts.get(value) ?? this.known.get(value)) : undefined;
    if (known !== undefined) return known;
    const isFrozen = isFrozenList(value);
    const small = isFrozen ? undefined : smallText(value);
    if (small !== undefined) {
      await this.breathe(small.length);
      return { text: small, payloads: filesIn(small) };
    }
    if (typeof value === "string") return this.cutText(value);
    if (!isObject) return this.refer({ text: JSON.stringify(value), payloads: [] });
    // To find out that it is large took as long as to write so much of it.
    await this.breathe(inlineLimit);
    const packed = await this.open(value);
    if (isFrozen) frozenTexts.set(value, packed);
    else this.known.set(value, packed);
    return packed;
  }

  private async open(value: object): Promise<Packed> {
    const isList = Array.isArray(value);
    const cut = new Cut(isList ? "[]" : "{}");
    for (const [key, item] of isList ? value.entries() : Object.entries(value)) {
      if (item === undefined) continue;
      let text = isFrozenList(item) ? undefined : smallText(item);
      if (text === undefined) {
        const packed = await this.pack(item as Json);
        text = packed.text;
        for (const payload of packed.payloads) cut.payloads.push(payload);
      } else for (const file of filesIn(text)) cut.payloads.push(file);
      cut.add(typeof key === "string" ? `${JSON.stringify(safe(key))}:${text}` : text);
      if (cut.length > partLength) await cut.finishPart();
      this.written += text.length;
      if (this.written > breatheAfter) await this.breathe(0);
    }
    return this.close(cut, isFrozenList(value) ? frozenLimit : inlineLimit);
  }

  private async cutText(value: string): Promise<Packed> {
    const cut = new Cut("");
    for (let at = 0; at < value.length; at += partLength) {
      const text = JSON.stringify(value.slice(at, at + partLength));
      cut.add(text);
      for (const file of filesIn(text)) cut.payloads.push(file);
      if (value.length > partLength) await cut.finishPart();
      await this.breathe(partLength);
    }
    return this.close(cut);
  }

  private async close(cut: Cut, limit = inlineLimit): Promise<Packed> {
    const { payloads } = cut;
    if (cut.parts.length === 0) return this.refer({ text: cut.text(), payloads }, limit);
    if (cut.length > 0) await cut.finishPart();
    const hashes = cut.parts.map((hash) => `"${hash}"`).join(",");
    return this.refer({ text: `{"${cutMark}":[${hashes}]}`, payloads });
  }

  private async refer(
    { text, payloads }: { readonly text: string; readonly payloads: Payload[] },
    limit = inlineLimit,
  ): Promise<Packed> {
    if (text.length <= limit) return { text, payloads };
    await this.breathe(text.length);
    const payload = await toPayload(Buffer.from(text));
    payloads.push(payload);
    return { text: `{${markStart}":"${payload.hash}"}`, payloads };
  }

  private async breathe(length: number): Promise<void> {
    this.written += length;
    if (this.written <= breatheAfter) return;
    this.written = 0;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A list, record or text on its way into the store, in parts as soon as it is longer than one. */
class Cut {
  readonly payloads: Payload[] = [];
  /** Hashes of the parts that are finished. */
  readonly parts: string[] = [];
  /** Of the part that is not. */
  length = 0;
  private readonly brackets: string;
  private texts: string[] = [];

  constructor(brackets: "[]" | "{}" | "") {
    this.brackets = brackets;
  }

  add(text: string): void {
    this.texts.push(text);
    this.length += text.length + 1;
  }

  text(): string {
    return `${this.brackets.slice(0, 1)}${this.texts.join(",")}${this.brackets.slice(1)}`;
  }

  async finishPart(): Promise<void> {
    const bytes = Buffer.from(this.text());
    this.texts = [];
    this.length = 0;
    // Of a value that is worth it, parts are compressed one by one.
    const from = this.parts.length * partLength < compressFrom ? compressFrom : 0;
    const payload = await toPayload(bytes, from);
    this.parts.push(payload.hash);
    this.payloads.push(payload);
  }
}

function isFrozenList(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && Object.isFrozen(value);
}

/** A key of the user's data that looks like our reference must not become one. */
function safe(key: string): string {
  return key.startsWith(mark) ? `${key}!` : key;
}

export async function toPayload(bytes: Uint8Array, from = compressFrom): Promise<Payload> {
  const hash = await hashOf(bytes);
  return bytes.length > from
    ? { hash, encoding: 1, bytes: await compress(bytes) }
    : { hash, encoding: 0, bytes };
}

/** A file, in parts when it is large. */
export async function packFile(
  bytes: Uint8Array,
): Promise<{ readonly parts: readonly Payload[]; readonly whole: Payload }> {
  if (bytes.length <= compressFrom) return { parts: [], whole: await toPayload(bytes) };
  const parts: Payload[] = [];
  for (let at = 0; at < bytes.length; at += filePartLength)
    parts.push(await toPayload(bytes.subarray(at, at + filePartLength), 0));
  const hashes = Buffer.from(JSON.stringify(parts.map(({ hash }) => hash)));
  return { parts, whole: { hash: await hashOf(bytes), encoding: 2, bytes: hashes } };
}

/** As `sha256`, but lets others have their turn. */
async function hashOf(bytes: Uint8Array): Promise<string> {
  if (bytes.length <= compressFrom) return sha256(bytes);
  const steps = sha256Steps(bytes);
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done === true) return step.value;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** What `toPayload` was given. */
export async function payloadContent({
  encoding,
  bytes,
}: Pick<Payload, "encoding" | "bytes">): Promise<Uint8Array> {
  return encoding === 1 ? decompress(bytes) : bytes;
}

/** Whether a text that `pack` made has references in it. */
export function hasReferences(text: string): boolean {
  return holdsMark(text);
}

/** What a record refers to: one payload, or parts to be joined. */
export function referredBy(record: {
  readonly [key: string]: Json;
}):
  | { readonly kind: "whole"; readonly hash: string }
  | { readonly kind: "cut"; readonly hashes: readonly string[] }
  | null {
  const whole = record[mark];
  if (typeof whole === "string") return { kind: "whole", hash: whole };
  const parts = record[cutMark];
  return Array.isArray(parts) ? { kind: "cut", hashes: parts as readonly string[] } : null;
}

/** The key that `safe` was given. */
export function originalKey(key: string): string {
  return key.startsWith(mark) ? key.slice(0, -1) : key;
}
