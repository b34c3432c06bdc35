/** Files that `agentflow init` writes, by path. */
export const starterProject: ReadonlyMap<string, string> = new Map([
  [
    "main.agentflow",
    `// Answers the questions that a curious reader would ask about a topic.
//
//   agentflow check                                 finds mistakes
//   agentflow run main.agentflow --topic bees --mock    runs it, without any key
//   agentflow test                                  runs main.test.agentflow
//
// Without --mock the model is asked for real: set OPENAI_API_KEY first.

model fast { use: "openai/gpt-5-mini" }

type Questions { questions: string(..120)[2..4] }

type Answer {
  question: string
  text: string(..600)
  /// How sure you are: 0 is a guess, 1 is certain.
  confidence: float(0..1)
}

agent ask(topic: string) -> Questions {
  model: fast
  prompt: "Which questions would a curious reader ask about \${topic}?"
}

agent reply(topic: string, question: string) -> Answer {
  model: fast
  system: "You answer in three sentences at most. You say so when you do not know."
  prompt: "\${question} (The topic is \${topic}.)"
}

flow explain(topic: string) -> { answers: Answer[], unsure: string[] } {
  step plan = ask(topic)

  // The questions are answered side by side.
  step answers = for question in plan.questions {
    reply(topic, question)
  }

  let unsure = answers.filter(a => a.confidence < 0.5).map(a => a.question)
  output: { answers, unsure }
}
`,
  ],
  [
    "main.test.agentflow",
    `import { ask, explain, reply } from "./main"

// Stubs answer instead of the models, so a test needs no key and takes no time.
test "answers that are not sure are named" {
  stub: {
    ask: { questions: ["Do bees sleep?", "Can bees count?"] }
    reply: sequence(
      [
        { question: "Do bees sleep?", text: "Yes, at night.", confidence: 0.9 },
        { question: "Can bees count?", text: "Perhaps to four.", confidence: 0.3 },
      ],
    )
  }

  step result = explain("bees")

  expect calls(reply) == 2
  expect result.unsure == ["Can bees count?"]
}
`,
  ],
  [
    ".gitignore",
    `# Runs and their history.
.agentflow/
# Keys belong into the environment or a file that is not shared.
.env
`,
  ],
]);
