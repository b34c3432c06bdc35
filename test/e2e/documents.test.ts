// 11: five hundred files at most, in batches; one that can't be read is kept aside and told, the others are stored.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, expect, test } from "vitest";

import type { Json } from "../../plan/expression.ts";
import { RecordingServer } from "./recording-server.ts";
import { startAndWait, withProgramRunner } from "./run-program.ts";

let folder: string;
let server: RecordingServer;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "agentflow-documents-"));
  mkdirSync(join(folder, "tools"));
  writeFileSync(
    join(folder, "tools/pdf.ts"),
    `export async function readText({ document }: { document: { name: string } }): Promise<string> {
  if (document.name === "torn.pdf") throw Object.assign(new Error("the file is torn"), { code: "invalid_input" });
  return "Contract " + document.name;
}
`,
  );
  writeFileSync(
    join(folder, "tools/rules.ts"),
    `export function validate({ contract }: { contract: { monthlyFee: number } }): unknown {
  if (contract.monthlyFee > 1000) throw Object.assign(new Error("the fee is too high"), { code: "invalid_contract" });
  return contract;
}
`,
  );
  writeFileSync(
    join(folder, "tools/db.ts"),
    `import { appendFileSync } from "node:fs";
interface Context { readonly secrets: { readonly databaseUrl: string }; readonly idempotencyKey: string }
export function storeRows({ rows }: { rows: readonly { readonly name: string }[] }, context: Context): void {
  const names = rows.map((row) => row.name);
  appendFileSync(context.secrets.databaseUrl, JSON.stringify({ names, key: context.idempotencyKey }) + "\\n");
}
`,
  );
  server = await RecordingServer.start({
    "POST /api/chat.postMessage": { ok: true, ts: "1", channel: "C" },
  });
});

afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

test("batches are stored, and what failed is in the dead letters and in Slack", async () => {
  const database = join(folder, "rows.jsonl");
  const names = [
    "torn.pdf",
    "dear.pdf",
    ...Array.from({ length: 28 }, (_, index) => `contract-${index}.pdf`),
  ];
  const contract = {
    parties: ["Ada", "Bob"],
    signedOn: "2026-01-02",
    monthlyFee: 10,
    noticePeriodDays: 30,
  };
  const options = {
    program: "11-documents",
    flow: "ingest",
    input: {},
    // Starting the threads of modules takes real time, which must not look like a time-out.
    clockFactor: 1,
    folder,
    slack: server.url,
    answers: {
      extract: contract,
      "ingest.batches[0].rows[dear.pdf].facts": { ...contract, monthlyFee: 5_000 },
    },
    variables: { DATABASE_URL: database, SLACK_TOKEN: "xoxb" },
  };
  await withProgramRunner(options, async (runner) => {
    const documents: Json[] = [];
    for (const name of names) {
      documents.push(
        await runner.storeFile({
          name,
          mime: "application/pdf",
          bytes: new TextEncoder().encode(name),
        }),
      );
    }
    const { run, events } = await startAndWait(runner, { ...options, input: { documents } });
    expect(run.error).toBeNull();
    expect(run.output).toEqual({
      stored: 28,
      failed: ["torn.pdf: invalid_input", "dear.pdf: invalid_contract"],
    });

    const rows = readFileSync(database, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { names: string[]; key: string });
    expect(new Set(rows.map((row) => row.names.length))).toEqual(new Set([23, 5]));
    expect(new Set(rows.map((row) => row.key)).size).toBe(2);
    expect(rows.flatMap((row) => row.names)).not.toContain("torn.pdf");

    const letters = await runner.deadLetters.list({ queue: "bad-contracts" });
    expect(new Set(letters.map((letter) => letter.path))).toEqual(
      new Set(["ingest.batches[0].rows[dear.pdf]", "ingest.batches[0].rows[torn.pdf]"]),
    );
    expect(server.requests.map(({ body }) => body)).toEqual([
      { channel: "#contracts", text: "Stored 28. Failed: torn.pdf, dear.pdf" },
    ]);
    expect(JSON.stringify(events)).not.toContain(database);
  });
});
