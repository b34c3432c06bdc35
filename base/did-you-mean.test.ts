import { expect, test } from "vitest";

import { didYouMean } from "./did-you-mean.ts";

const settings =
  `use apiKey baseUrl options temperature price maxInput maxOutput backups circuit channel assignees remind
  attempts backoff retryOn timeout rate concurrency cache budget model system prompt examples tools maxTurns
  check skills requires http mcp module headers query body auth secrets errors effect idempotency restart
  confirm idempotencyKey after fallback undo priority memory handoffs maxHandoffs where pause maxRuns output
  maxItems tolerate key needs deadLetter maxRounds until exhausted per next idle onIdle input dedupe respond
  debounce batch zone misfire overlap cancelOn was stub replay config`.split(/\s+/);

const names =
  `classify openTicket storeFeedback postSlack sentiment confidence urgent handled notice researcher engineer
  statistician counsel editor pickTeam decompose judge aggregate synthesise approve staffing subtask solutions
  material approval planQuestions takeNotes writeReport critique investigate reserveStock releaseStock chargeCard
  refundCharge bookShipping cancelShipping placeOrder shipped charged trackingCode`.split(/\s+/);

test("the nearest comes first and there are at most three", () => {
  expect(didYouMean("promt", settings)).toEqual(["prompt"]);
  expect(didYouMean("maxoutput", settings)[0]).toBe("maxOutput");
  expect(didYouMean("aaaa1", ["aaaa2", "aaaa3", "aaaa4", "aaaa5"])).toHaveLength(3);
});

test("nothing close is nothing, and a name is no suggestion for itself", () => {
  expect(didYouMean("zebra", settings)).toEqual([]);
  expect(didYouMean("x", ["y"])).toEqual([]);
  expect(didYouMean("", settings)).toEqual([]);
  expect(didYouMean("use", ["use"])).toEqual([]);
});

test("swapped words, missing words and prefixes are found", () => {
  expect(didYouMean("ticketOpen", names)[0]).toBe("openTicket");
  expect(didYouMean("open_ticket", names)[0]).toBe("openTicket");
  expect(didYouMean("ticket", names)[0]).toBe("openTicket");
  expect(didYouMean("conf", names)[0]).toBe("confidence");
  expect(didYouMean("retry", settings)[0]).toBe("retryOn");
});

test("the order of the candidates does not matter", () => {
  for (const typo of ["chek", "idel", "shiped", "maxTurn"]) {
    const all = [...settings, ...names];
    expect(didYouMean(typo, all.toReversed())).toEqual(didYouMean(typo, all));
  }
});

test("at least 95 % of synthetic typos find their name first", () => {
  for (const pool of [settings, names]) {
    const typos = pool.filter((name) => name.length > 3).flatMap((name) => typosOf(name, pool));
    const hits = typos.filter(({ typo, name }) => didYouMean(typo, pool)[0] === name);
    expect(typos.length).toBeGreaterThan(1000);
    expect(hits.length / typos.length).toBeGreaterThanOrEqual(0.95);
  }
});

/** Every deletion, swap and doubling, and one replacement and one insertion per place. */
function typosOf(name: string, pool: readonly string[]): { typo: string; name: string }[] {
  const typos = new Set<string>();
  for (let index = 0; index < name.length; index += 1) {
    const [head, letter, rest] = [name.slice(0, index), name.charAt(index), name.slice(index + 1)];
    const other = "etaoinshrdlu".charAt((index * 7 + name.length) % 12);
    typos.add(head + rest);
    typos.add(head + letter + letter + rest);
    typos.add(head + other + rest);
    typos.add(head + letter + other + rest);
    typos.add(head + rest.charAt(0) + letter + rest.slice(1));
    // Two faults in one name are common on phones and late at night.
    if (name.length > 7) typos.add((head + rest).replace("e", "a"));
  }
  return [...typos].filter((typo) => !pool.includes(typo)).map((typo) => ({ typo, name }));
}
