import type {
  ActivityFailed,
  ActivitySucceeded,
  EventReceived,
  PersonAnswered,
  RunFact,
} from "../plan/history.ts";

type Outcome = ActivitySucceeded | ActivityFailed;
type Answer = PersonAnswered | EventReceived;

/** What the activities of a recorded run gave, for a test that replays it. */
export interface RecordedOutcomes {
  /** The outcome of this attempt, else of the last one before it. */
  outcome(path: string, attempt: number): Outcome | undefined;
  /** What a person answered, or the event that came. */
  answer(path: string): Answer | undefined;
}

/** Reads what `agentflow runs events RUN --json` prints. Gives the outcomes, or what is wrong with the text. */
export function readRecording(text: string): RecordedOutcomes | { readonly problem: string } {
  const outcomes = new Map<string, Outcome[]>();
  const answers = new Map<string, Answer>();
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const event = parseFact(line);
    if (event === undefined) return { problem: `line ${index + 1} is no event of a run` };
    if (event.kind === "activity.succeeded" || event.kind === "activity.failed") {
      outcomes.set(event.path, [...(outcomes.get(event.path) ?? []), event]);
    } else if (event.kind === "person.answered" || event.kind === "event.received") {
      answers.set(event.path, event);
    }
  }
  return {
    outcome: (path, attempt) => {
      const known = outcomes.get(path) ?? [];
      return known.find((outcome) => outcome.attempt === attempt) ?? known.at(-1);
    },
    answer: (path) => answers.get(path),
  };
}

/** Without number and time: what is replayed gets those of the run that it happens in. */
function parseFact(line: string): RunFact | undefined {
  try {
    const event: unknown = JSON.parse(line);
    if (typeof event !== "object" || event === null || !("kind" in event) || !("seq" in event))
      return undefined;
    const fact = Object.entries(event).filter(([key]) => key !== "seq" && key !== "atMs");
    return Object.fromEntries(fact) as unknown as RunFact;
  } catch {
    return undefined;
  }
}
