import { expect, test } from "vitest";

import { patiently } from "./patiently.ts";
import { StoreError } from "./store-error.ts";

async function ask(answers: readonly (Error | string)[], isOver = (): boolean => false) {
  const delays: number[] = [];
  let at = 0;
  const result = await patiently(
    async () => {
      const answer = answers[at] ?? "";
      at += 1;
      if (answer instanceof Error) throw answer;
      return answer;
    },
    {
      clock: {
        after(delayMs, callback) {
          delays.push(delayMs);
          callback();
          return () => {};
        },
      },
      isOver,
    },
  ).catch((error: unknown) => (error instanceof Error ? error.message : ""));
  return [result, delays];
}

const away = new StoreError("unreachable", "no connection");

test("a store that is away, busy or full is asked again, less and less often", async () => {
  const troubles = [away, new StoreError("busy", "b"), new StoreError("full", "f"), away, away];
  expect(await ask([...troubles, "there"])).toEqual(["there", [100, 200, 400, 800, 1_000]]);
});

test("what does not pass by itself is told at once, and nobody asks for one who is gone", async () => {
  expect(await ask([new StoreError("damaged", "damaged")])).toEqual(["damaged", []]);
  expect(await ask([new Error("a mistake")])).toEqual(["a mistake", []]);
  expect(await ask([away], () => true)).toEqual(["no connection", []]);
});
