import { expect, test } from "vitest";

import { inProcessTransport } from "./in-process-transport.ts";

test("notices reach every listener once per turn, also those that a delivery causes", async () => {
  const transport = inProcessTransport();
  const seen: string[] = [];
  const stop = transport.receive((run) => {
    seen.push(run);
    if (run === "a") transport.notify("b");
  });
  transport.notify("a");
  transport.notify("a");
  expect(transport.health()).toMatchObject({ ok: true, mode: "in-process", queued: 1 });
  expect(seen).toEqual([]);
  await transport.drain();
  expect(seen).toEqual(["a", "b"]);
  stop();
  transport.notify("c");
  await transport.drain();
  expect(seen).toEqual(["a", "b"]);
});

test("a cancel hint arrives at once", () => {
  const transport = inProcessTransport();
  const seen: string[] = [];
  transport.receiveCancelHints((run) => seen.push(run));
  transport.cancelHint("a");
  expect(seen).toEqual(["a"]);
});
