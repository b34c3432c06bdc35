import { expect, test } from "vitest";

import { findings } from "./fixtures/findings.ts";

const program = (settings: string): string => `
type Job { id: string, needs: string[..4] }
tool work(job: Job) -> string { http: "GET https://a.example/work" }
flow all(jobs: Job[..9]) {
  step done = for job in jobs {
    ${settings}
    work(job)
  }
}
`;

test("needs wants a key", () => {
  expect(findings(program("needs: job.needs"))).toEqual([
    "AF4003 needs: job.needs: `needs` lists items by their keys, but this `for` has no `key`",
  ]);
  expect(findings(program("needs: job.needs\nkey: job.id"))).toEqual([]);
});
