import { sha256 } from "../../base/sha256.ts";
import { payloadContent } from "../../runner/store/payload.ts";
import type { KeptPayloads } from "./kept-payloads.ts";

const reference = /\$agentflow\.payload\\*":\\*"([0-9a-f]{64})/g;

/** I20: what is stored under a hash has it, all that is referred to is there, and nothing lies there that nobody refers to. */
export function checkPayloads({ kept, referring, unused }: KeptPayloads): readonly string[] {
  const faults = kept.flatMap((payload) =>
    sha256(payloadContent(payload)) === payload.hash
      ? []
      : [`I20 payload ${payload.hash} has another content`],
  );
  const known = new Set(kept.map(({ hash }) => hash));
  for (const body of referring)
    for (const [, hash = ""] of body.matchAll(reference))
      if (!known.has(hash)) faults.push(`I20 payload ${hash} is missing`);
  return [...faults, ...unused.map((hash) => `I20 nobody refers to payload ${hash}`)];
}
