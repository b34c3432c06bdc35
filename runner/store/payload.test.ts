import { expect, test } from "vitest";

import type { Json } from "../../plan/expression.ts";
import { pack, payloadContent, type Payload } from "./payload.ts";
import { unpack } from "./unpack.ts";

async function through(
  value: Json,
): Promise<{ readonly value: Json; readonly payloads: readonly Payload[] }> {
  const { text, payloads } = await pack(value);
  const kept = new Map(payloads.map((payload) => [payload.hash, payload]));
  const [back = null] = await unpack([text], async (hashes) =>
    hashes.flatMap((hash) => kept.get(hash) ?? []),
  );
  return { value: back, payloads: [...kept.values()] };
}

const long = "äöü😀 ".repeat(60_000);

test.each<readonly [string, Json]>([
  ["a long list", Array.from({ length: 30_000 }, (_, n) => ({ n, text: "an item of the list" }))],
  ["a long list of equal items", Array.from({ length: 30_000 }, () => "one and the same")],
  ["a long text, cut within characters", `x${long}`],
  ["a wide record", Object.fromEntries(Array.from({ length: 9_000 }, (_, n) => [`field ${n}`, n]))],
  [
    "long values in long values",
    { all: Array.from({ length: 5 }, () => [long, { again: [long, "short"] }]), none: null },
  ],
  [
    "keys that look like a reference",
    {
      "$agentflow.payload": "x".repeat(40_000),
      "$agentflow.payloads": Array.from({ length: 9_000 }, () => "0123456789"),
      "$agentflow.payload!": { "$agentflow.payloads": ["a"] },
    },
  ],
  [
    "a key that names the prototype",
    JSON.parse(
      `{"__proto__":{"a":"${"x".repeat(40_000)}"},"wide":{${Array.from({ length: 9_000 }, (_, n) => `"${n === 8_000 ? "__proto__" : `field ${n}`}":${n}`).join(",")}},"inner":{"__proto__":"${"y".repeat(40_000)}","$agentflow.payload":1}}`,
    ) as Json,
  ],
])("%s comes back as it was, and no part of it is long", async (_, value) => {
  const { value: back, payloads } = await through(value);
  expect(back).toEqual(value);
  expect(JSON.stringify(back)).toBe(JSON.stringify(value));
  for (const payload of payloads)
    expect((await payloadContent(payload)).length).toBeLessThan(400_000);
});

test("a document that is passed on is stored once", async () => {
  const once = await through({ document: long });
  const often = await through({ list: [{ document: long }, { document: long, more: 1 }] });
  expect(often.payloads.length).toBe(once.payloads.length);
});

test("a value with a part missing is not taken for another one", async () => {
  const { text } = await pack(long);
  await expect(unpack([text], async () => [])).rejects.toThrow("lacks a part");
});

test("others have their turn while a value is packed and unpacked", async () => {
  const value = Array.from({ length: 30_000 }, (_, n) => ({ n, text: "an item of the list" }));
  let turns = 0;
  let over = false;
  const count = (): void => {
    turns += 1;
    if (!over) setImmediate(count);
  };
  setImmediate(count);
  const { text, payloads } = await pack(value);
  const packing = turns;
  const kept = new Map(payloads.map((payload) => [payload.hash, payload]));
  await unpack([text], async (hashes) => hashes.flatMap((hash) => kept.get(hash) ?? []));
  over = true;
  expect(packing).toBeGreaterThan(5);
  expect(turns - packing).toBeGreaterThan(5);
});
