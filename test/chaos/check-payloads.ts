import { sha256 } from "../../base/sha256.ts";
import { payloadContent } from "../../runner/store/payload.ts";
import type { KeptPayloads } from "./kept-payloads.ts";

/** One payload, or the list of those that a long value was cut into. */
const reference = /\$agentflow\.payloads?\\*":\[?((?:\\*"[0-9a-f]{64}\\*",?)+)/g;

/** I20: what is stored under a hash has it, all that is referred to is there, and nothing lies there that nobody refers to. */
export async function checkPayloads({
  kept,
  referring,
  unused,
}: KeptPayloads): Promise<readonly string[]> {
  const faults: string[] = [];
  // One of encoding 2 names the parts of a file, which are looked at one by one.
  for (const payload of kept.filter(({ encoding }) => encoding !== 2))
    if (sha256(await payloadContent(payload)) !== payload.hash)
      faults.push(`I20 payload ${payload.hash} has another content`);
  const known = new Set(kept.map(({ hash }) => hash));
  for (const body of referring)
    for (const [, hashes = ""] of body.matchAll(reference))
      for (const [hash] of hashes.matchAll(/[0-9a-f]{64}/g))
        if (!known.has(hash)) faults.push(`I20 payload ${hash} is missing`);
  return [...faults, ...unused.map((hash) => `I20 nobody refers to payload ${hash}`)];
}
