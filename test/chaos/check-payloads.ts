import { Client } from "pg";

import { sha256 } from "../../base/sha256.ts";
import { payloadContent } from "../../runner/store/payload.ts";

interface PayloadRow {
  readonly hash: string;
  readonly encoding: 0 | 1;
  readonly bytes: Buffer;
}

const reference = /\$agentflow\.payload\\*":\\*"([0-9a-f]{64})/g;

/** I20: what is stored under a hash has it, all that is referred to is there, and nothing lies there that nobody refers to. */
export async function checkPayloads(url: string): Promise<readonly string[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const faults: string[] = [];
    const kept = new Set<string>();
    const { rows } = await client.query<PayloadRow>(
      "SELECT hash, encoding, bytes FROM agentflow.payload",
    );
    for (const row of rows) {
      kept.add(row.hash);
      if (sha256(payloadContent(row)) !== row.hash)
        faults.push(`I20 payload ${row.hash} has another content`);
    }
    const referring = await client.query<{ readonly body: string }>(
      "SELECT body FROM agentflow.batch WHERE body LIKE '%$agentflow.payload%'",
    );
    for (const { body } of referring.rows)
      for (const [, hash] of body.matchAll(reference))
        if (hash !== undefined && !kept.has(hash)) faults.push(`I20 payload ${hash} is missing`);
    const orphans = await client.query<{ readonly hash: string }>(
      "SELECT hash FROM agentflow.payload p WHERE NOT EXISTS (SELECT 1 FROM agentflow.payload_use u WHERE u.hash = p.hash)",
    );
    for (const { hash } of orphans.rows) faults.push(`I20 nobody refers to payload ${hash}`);
    return faults;
  } finally {
    await client.end();
  }
}
