import type { Token } from "./tokens.ts";

/** What to write instead of words that other languages have and this one has not. */
const advice: ReadonlyMap<string, string> = new Map([
  [
    "function",
    "work is declared as `flow name(param: type) -> type { … }`, or as an `agent` or a `tool`",
  ],
  [
    "def",
    "work is declared as `flow name(param: type) -> type { … }`, or as an `agent` or a `tool`",
  ],
  ["workflow", "a graph of steps is declared as `flow name(param: type) -> type { … }`"],
  ["pipeline", "a graph of steps is declared as `flow name(param: type) -> type { … }`"],
  ["task", "a graph of steps is declared as `flow name(param: type) -> type { … }`"],
  ["job", "a graph of steps is declared as `flow name(param: type) -> type { … }`"],
  ["prompt", "a model with a task is declared as `agent name(param: type) -> type { … }`"],
  ["assistant", "a model with a task is declared as `agent name(param: type) -> type { … }`"],
  ["llm", 'what answers is declared as `model name { use: "provider/model" }`'],
  ["when", "a step that runs only sometimes is written `step name = if condition { … }`"],
  ["unless", "a step that runs only sometimes is written `step name = if !condition { … }`"],
  ["class", "records are declared with `type Name { field: type }`"],
  ["struct", "records are declared with `type Name { field: type }`"],
  ["while", "loops are bounded: `repeat { maxRounds: 3, until: condition, … }`"],
  ["switch", 'choices among values are written `match value { "a" => …, else => … }`'],
  ["case", 'choices among values are written `match value { "a" => …, else => … }`'],
  ["elif", "write `else if condition { … }`"],
  ["elsif", "write `else if condition { … }`"],
  [
    "try",
    "what happens on failure is said where the call is: `name(…) { attempts: 3, fallback: … }`",
  ],
  [
    "catch",
    "what happens on failure is said where the call is: `name(…) { attempts: 3, fallback: … }`",
  ],
  ["throw", 'a step fails with `fail("code", message: "…")`'],
  ["of", "a loop over a list is written `for item in list { … }`"],
  ["and", "conditions are joined with `&&`"],
  ["or", "conditions are joined with `||`"],
  ["not", "a condition is negated with `!`"],
  ["None", "what is absent is `null`"],
  ["nil", "what is absent is `null`"],
]);

/** What to write instead of one of the words, if there is one among the tokens. */
export function adviceFor(tokens: readonly (Token | undefined)[]): string | null {
  for (const token of tokens) {
    const found = token === undefined ? undefined : advice.get(token.image);
    if (found !== undefined) return found;
  }
  return null;
}
