import { expect, test } from "vitest";

import { wantsColor } from "./terminal.ts";

function colored(
  variables: { readonly [name: string]: string },
  isTerminal: boolean,
  flag?: boolean,
): boolean {
  return wantsColor({ variables, folder: "/", home: "/" }, flag, isTerminal);
}

test("colour: the flag wins over NO_COLOR, which wins over FORCE_COLOR, which wins over the terminal", () => {
  expect(colored({}, true)).toBe(true);
  expect(colored({}, false)).toBe(false);
  expect(colored({ TERM: "dumb" }, true)).toBe(false);
  expect(colored({ NO_COLOR: "1" }, true)).toBe(false);
  expect(colored({ NO_COLOR: "" }, true)).toBe(true);
  expect(colored({ FORCE_COLOR: "1" }, false)).toBe(true);
  expect(colored({ FORCE_COLOR: "0" }, true)).toBe(false);
  expect(colored({ NO_COLOR: "1", FORCE_COLOR: "1" }, true)).toBe(false);
  expect(colored({ NO_COLOR: "1" }, false, true)).toBe(true);
  expect(colored({ FORCE_COLOR: "1" }, true, false)).toBe(false);
});
