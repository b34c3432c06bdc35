// 09: the conversation is handed on along the arrows; a refund is paid only after a person has allowed it.
import { afterEach, expect, test } from "vitest";

import type { Json } from "../../plan/expression.ts";
import { RecordingServer } from "./recording-server.ts";
import { inspect, startAndWait, withProgramRunner } from "./run-program.ts";
import type { Finished } from "./run-program.ts";

let server: RecordingServer;

afterEach(async () => {
  await server.close();
});

async function support(approval: Json): Promise<Finished> {
  server = await RecordingServer.start({
    "GET /invoices": [{ id: "i-1", amount: 40, paid: true }],
    "POST /refunds": { id: "re-1" },
  });
  const options = {
    program: "09-handoff",
    flow: "support",
    input: { message: "I paid twice.", customerId: "c-7" },
    answers: {
      frontDesk: { call: "transfer_to_refund", with: {} },
      refund: [
        { call: "getInvoices", with: {} },
        { call: "payBack", with: { invoiceId: "i-1", amount: 40 } },
        { answer: { text: "You get 40 dollars back.", solved: true } },
      ],
    },
    variables: { CRM_URL: server.url, CRM_KEY: "ck", API_TOKEN: "t" },
  };
  return await withProgramRunner(options, async (runner) => {
    const asked = await startAndWait(runner, options);
    expect(asked.run.status).toBe("waiting");
    expect(server.to("POST /refunds")).toEqual([]);
    const [task] = await runner.tasks(asked.run.id);
    expect(task).toMatchObject({
      agent: "allowRefund",
      channel: "#refunds",
      question: "Refund $40.00 for invoice i-1?",
    });
    await runner.answer(asked.run.id, task?.path ?? "", approval);
    await runner.wait(asked.run.id);
    return await inspect(runner, asked.run.id);
  });
}

test("an allowed refund is paid once, for the customer the flow was started for", async () => {
  const { run, story } = await support({ approved: true, note: null });
  expect(run.output).toEqual({ text: "You get 40 dollars back.", solved: true });
  expect(server.calls()).toEqual(["GET /invoices?customerId=c-7", "POST /refunds"]);
  const [, refund] = server.requests;
  expect(refund?.body).toEqual({ invoiceId: "i-1", amount: 40 });
  expect(String(refund?.headers["idempotency-key"])).toContain(run.id);
  // Two turns of the front desk's relay: its own, then three of the refund desk.
  expect(story.filter((line) => /^succeeded support\.reply\S*@\d+$/.test(line)).length).toBe(4);
});

test("a refund that is not allowed is not paid", async () => {
  const { run } = await support({ approved: false, note: "Only one payment found." });
  expect(server.to("POST /refunds")).toEqual([]);
  expect(["succeeded", "failed"]).toContain(run.status);
});
