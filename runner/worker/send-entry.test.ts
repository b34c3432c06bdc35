import { expect, test } from "vitest";

import type { AppendEntry, AppendResult } from "../ports/store.ts";
import { sendEntry } from "./send-entry.ts";

const entry: AppendEntry = {
  run: "r",
  epoch: 3,
  expectedSeq: 4,
  events: [{ kind: "run.resumed", seq: 5, atMs: 1 }],
  head: { status: "running", wakeAtMs: null, waitsFor: null, cost: 0, tokensIn: 0, tokensOut: 0 },
};

type Answer = AppendResult | "lost";

async function send(
  answers: Answer[],
  { headSeq = 4, isOver = false, refusals = 0 } = {},
): Promise<readonly [AppendResult, number]> {
  let renewals = 0;
  const result = await sendEntry(entry, {
    store: {
      async append() {
        const answer = answers.shift() ?? "lost";
        if (answer === "lost") throw new Error("no answer");
        return answer;
      },
      head: async () => ({ seq: headSeq, epoch: 3 }) as never,
    },
    clock: {
      after(_delayMs, callback) {
        callback();
        return () => {};
      },
    },
    isOver: () => isOver,
    async renew() {
      renewals += 1;
      if (renewals <= refusals) throw new Error("no answer");
    },
  });
  return [result, renewals];
}

const ok: AppendResult = { kind: "ok", delivered: [] };

test("an entry whose lease has run out is written under the renewed one, if nobody has the run", async () => {
  expect(await send([{ kind: "fenced" }, ok])).toEqual([ok, 1]);
  expect(await send([{ kind: "fenced" }, { kind: "fenced" }, ok])).toEqual([{ kind: "fenced" }, 1]);
});

test("a renewal that gets no answer is asked for once more", async () => {
  const fenced: AppendResult = { kind: "fenced" };
  expect(await send([fenced, fenced, ok], { refusals: 1 })).toEqual([ok, 2]);
});

test("who has let go of the run makes no session live again", async () => {
  expect(await send([{ kind: "fenced" }, ok], { isOver: true })).toEqual([{ kind: "fenced" }, 0]);
});

test("an entry that arrives after it was given up for lost counts as written", async () => {
  expect(await send(["lost", { kind: "conflict", seq: 5 }])).toEqual([ok, 0]);
  expect(await send(["lost"], { headSeq: 5 })).toEqual([ok, 0]);
});

test("what somebody else has written is a conflict, and what no answer comes to an error", async () => {
  expect((await send([{ kind: "conflict", seq: 5 }]))[0]).toEqual({ kind: "conflict", seq: 5 });
  expect((await send(["lost", { kind: "conflict", seq: 7 }]))[0]).toMatchObject({ seq: 7 });
  await expect(send([])).rejects.toThrow("no answer");
});
