import { afterEach, expect, test } from "vitest";

import { untilToldToStop } from "./until-told-to-stop.ts";

afterEach(() => {
  process.removeAllListeners("SIGTERM");
  process.removeAllListeners("SIGINT");
});

test("a signal and its echo are one, and a later one is the second", async () => {
  const stop = untilToldToStop();
  const heard: string[] = [];
  void stop.first.then(() => heard.push("first"));
  void stop.second.then(() => heard.push("second"));
  process.emit("SIGTERM");
  process.emit("SIGTERM");
  process.emit("SIGINT");
  await stop.first;
  expect(heard).toEqual(["first"]);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(heard).toEqual(["first"]);
  process.emit("SIGINT");
  await stop.second;
  expect(heard).toEqual(["first", "second"]);
});
