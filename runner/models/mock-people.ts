import type { People } from "../ports/people.ts";
import { seededUnit } from "../ports/seeded-random.ts";
import { mockValue } from "./mock-value.ts";

/** People who answer at once with whatever fits the form, and approve of most things. */
export function mockPeople({ seed }: { readonly seed: string }): People {
  return {
    async ask({ path, text, schema, problem }) {
      const unit = seededUnit([seed, path, text, problem ?? ""].join("\n"));
      return mockValue(schema, { unit, prompt: text });
    },
  };
}
