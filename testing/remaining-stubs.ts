import type { StubPlan } from "../plan/test-plan.ts";

/** The stubs as they are after so many calls: a sequence has used up its first items. */
export function remainingStubs(
  stubs: { readonly [callable: string]: StubPlan },
  calls: ReadonlyMap<string, number>,
): { readonly [callable: string]: StubPlan } {
  return Object.fromEntries(
    Object.entries(stubs).map(([name, stub]) => [name, skip(stub, calls.get(name) ?? 0)]),
  );
}

function skip(stub: StubPlan, calls: number): StubPlan {
  switch (stub.kind) {
    case "value":
    case "fail":
      return stub;
    case "costs":
    case "slow":
      return { ...stub, then: skip(stub.then, calls) };
    case "sequence":
      // The last item answers all further calls.
      return {
        ...stub,
        items: stub.items.slice(Math.max(0, Math.min(calls, stub.items.length - 1))),
      };
  }
}
