// 03: the manager splits the work; subtasks run as a graph, are judged, revised, handed to somebody else, or given up.
import { expect, test } from "vitest";

import { runProgram } from "./run-program.ts";

const good = {
  completeness: 9,
  accuracy: 9,
  relevance: 9,
  quality: 9,
  feedback: "Fine.",
  reassignTo: null,
};
const poor = {
  completeness: 6,
  accuracy: 6,
  relevance: 6,
  quality: 6,
  feedback: "Add numbers.",
  reassignTo: null,
};
const bad = {
  completeness: 1,
  accuracy: 1,
  relevance: 1,
  quality: 1,
  feedback: "Wrong field.",
  reassignTo: "statistician",
};

const answers = {
  pickTeam: { analysis: "Two parts.", team: ["researcher", "engineer", "statistician"] },
  decompose: {
    subtasks: [
      { id: "build", goal: "Build it.", assignee: "engineer", needs: ["facts"] },
      { id: "facts", goal: "Find facts.", assignee: "researcher", needs: [] },
    ],
  },
  researcher: { text: "Facts.", openQuestions: [] },
  engineer: { text: "Design.", openQuestions: [] },
  statistician: { text: "Numbers.", openQuestions: [] },
  aggregate: "Everything together.",
  synthesise: [{ answer: "First report." }, { answer: "Second report." }],
  approve: [
    { answer: { approved: false, feedback: "Shorter." } },
    { answer: { approved: true, feedback: "Good." } },
  ],
};

test("an item waits for the one it needs, work is revised, and the report is approved in the second round", async () => {
  const { run, story } = await runProgram({
    program: "03-team",
    flow: "team",
    input: { task: "A product plan" },
    answers: {
      ...answers,
      judge: good,
      "team.solutions[facts].accepted#1.review": poor,
    },
  });
  expect(run.error).toBeNull();
  expect(run.output).toEqual({ report: "Second report.", approved: true, missing: [] });
  const finished = story.flatMap((line) =>
    line.startsWith("succeeded") ? [line.slice("succeeded ".length).replace(/@1$/, "")] : [],
  );
  expect(finished).toEqual([
    "team.staffing",
    "team.plan",
    "team.solutions[facts].accepted#1.solution",
    "team.solutions[facts].accepted#1.review",
    "team.solutions[facts].accepted#2.solution",
    "team.solutions[facts].accepted#2.review",
    "team.solutions[build].accepted#1.solution",
    "team.solutions[build].accepted#1.review",
    "team.material",
    "team.final#1.report",
    "team.final#1.approval",
    "team.final#2.report",
    "team.final#2.approval",
  ]);
});

test("rejected work goes to the specialist whom the manager names", async () => {
  const { run, events } = await runProgram({
    program: "03-team",
    flow: "team",
    input: { task: "A product plan" },
    answers: { ...answers, judge: good, "team.solutions[facts].accepted#1.review": bad },
  });
  expect(run.status).toBe("succeeded");
  const workers = events.flatMap((event) =>
    event.kind === "activity.started" &&
    event.path.includes("[facts]") &&
    event.path.includes("solution@")
      ? [event.callee]
      : [],
  );
  expect(workers).toEqual(["researcher", "statistician"]);
});

test("a subtask that is never accepted is named as missing, and so is what needs it", async () => {
  const { run } = await runProgram({
    program: "03-team",
    flow: "team",
    input: { task: "A product plan" },
    answers: {
      ...answers,
      decompose: {
        subtasks: [
          { id: "facts", goal: "Find facts.", assignee: "researcher", needs: [] },
          { id: "law", goal: "Check contracts.", assignee: "engineer", needs: [] },
          { id: "sums", goal: "Do sums.", assignee: "statistician", needs: ["law"] },
          { id: "code", goal: "Write code.", assignee: "engineer", needs: [] },
        ],
      },
      judge: good,
      "team.solutions[].accepted#.review": good,
      "team.solutions[law].accepted#1.review": poor,
      "team.solutions[law].accepted#2.review": poor,
      "team.solutions[law].accepted#3.review": poor,
    },
  });
  expect(run.output).toMatchObject({ missing: ["law", "sums"] });
});
