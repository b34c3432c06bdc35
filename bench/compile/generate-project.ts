/**
 * A synthetic project for the compiler's benchmarks: files that import one another, each with types,
 * a role and its fillers, agents, tools and flows with every kind of block. It checks without a
 * diagnostic, and the same size gives the same text.
 */

export interface SyntheticFile {
  readonly path: string;
  readonly text: string;
}

export interface ProjectSize {
  readonly files: number;
  /** Sections per file; one is about 100 lines. */
  readonly sections: number;
}

/** About 20,000 lines and 1 MB. */
export const standardProject: ProjectSize = { files: 200, sections: 1 };

export function generateProject(size: ProjectSize): SyntheticFile[] {
  return Array.from({ length: size.files }, (_, index) => moduleFile(index, size.sections));
}

/** One file of a project; with more sections it is longer and otherwise the same. */
export function moduleFile(index: number, sections: number): SyntheticFile {
  return { path: modulePath(index), text: moduleText(index, sections) };
}

/** Imports all others, directly or not: checking it checks the project. */
export function entryFile(size: ProjectSize): SyntheticFile {
  const imports = Array.from({ length: size.files }, (_, index) => {
    return `import { process${String(index)}S0 } from "./module-${String(index)}"`;
  });
  const flows = Array.from({ length: size.files }, (_, index) => {
    const name = `process${String(index)}S0`;
    return `flow entry${String(index)}(topic: string) -> string {\n  step done = ${name}(topic)\n  output: done.title\n}`;
  });
  return { path: "main.agentflow", text: `${imports.join("\n")}\n\n${flows.join("\n\n")}\n` };
}

function modulePath(index: number): string {
  return `module-${String(index)}.agentflow`;
}

function moduleText(index: number, sections: number): string {
  const before = index === 0 ? null : (index - 1) >> 1;
  const imports =
    before === null
      ? ""
      : `import { gather${String(before)}S0 } from "./module-${String(before)}"\n\n`;
  const head = [
    `config { service${String(index)}Url: url, service${String(index)}Key: secret }`,
    "",
    `model quick${String(index)} { use: "openai/gpt-5-mini", maxOutput: 2k, rate: 60/min }`,
    `model careful${String(index)} { use: "openai/gpt-5", backups: [quick${String(index)}] }`,
    "",
  ].join("\n");
  const bodies = Array.from({ length: sections }, (_, section) => {
    return sectionText({ index, section, before: section === 0 ? before : null });
  });
  return `${imports}${head}\n${bodies.join("\n")}`;
}

interface Section {
  readonly index: number;
  readonly section: number;
  /** The module whose flow this one calls. */
  readonly before: number | null;
}

function sectionText({ index, section, before }: Section): string {
  const id = `${String(index)}S${String(section)}`;
  return [
    typesText(id),
    agentsText(id, index),
    toolsText(id, index),
    gatherText(id, before),
    processText(id),
  ].join("\n");
}

function typesText(id: string): string {
  return `type Mood${id} = "bad" | "fair" | "good"

/// One thing that was found, with the words that prove it.
type Finding${id} {
  title: string(..120)
  /// How sure the finder is: 0 is a guess, 1 is certain.
  confidence: float(0..1)
  mood: Mood${id}
  sources: url[..5]
  note: string?
}

type Verdict${id} =
  | { kind: "accept", score: float(0..10) }
  /// The work goes back with these words.
  | { kind: "revise", score: float(0..10), feedback: string }
  | { kind: "reject", reason: string }

type Result${id} { title: string, findings: Finding${id}[], failed: string[], rounds: int(0..5) }
`;
}

function agentsText(id: string, index: number): string {
  return `/// Looks at one topic from one side.
role analyst${id}(topic: string, hint: string?) -> Finding${id} {
  model: quick${String(index)}
  prompt: """
    The topic is \${topic}.
    What the last reader said: \${hint ?? "nothing, this is the first look"}
    """
}

/// Knows numbers.
agent counter${id}: analyst${id} { system: "You count. You give the figure and where it stands." }

/// Knows people.
agent listener${id}: analyst${id} { system: "You listen. You quote the words that decide." }

agent judge${id}(finding: Finding${id}, strict: bool = false) -> Verdict${id} {
  model: careful${String(index)}
  system: "You judge findings. You are fair, brief and concrete."
  prompt: "Judge this finding (strict: \${strict}): \${finding}"
  check: {
    "a score below 3 is a rejection": output.kind == "reject" || output.score >= 3.0
  }
}
`;
}

function toolsText(id: string, index: number): string {
  const service = String(index);
  return `tool lookUp${id}(query: string, limit: int(1..50) = 10) -> untrusted Finding${id}[..50] {
  http: "GET \${config.service${service}Url}/findings"
  auth: { bearer: config.service${service}Key }
  attempts: 3
  backoff: 1s..8s
}

tool keep${id}(title: string, findings: Finding${id}[]) -> trusted { id: string } {
  http: "PUT \${config.service${service}Url}/results/\${title}"
  auth: { bearer: config.service${service}Key }
  effect: "write"
  attempts: 4
  timeout: 20s
}
`;
}

function gatherText(id: string, before: number | null): string {
  const earlier =
    before === null
      ? ""
      : `  step earlier = gather${String(before)}S0(topic, limit: 5)
  let hints = earlier.filter(e => e.confidence > 0.5).map(e => e.title)
`;
  const hint = before === null ? "null" : "hints.first()";
  return `/// Gathers what is known about a topic.
flow gather${id}(topic: string, limit: int(1..50) = 10) -> Finding${id}[] {
${earlier}  step known = lookUp${id}(topic, limit)
  step looked = for finding in known {
    concurrency: 4
    tolerate: 20%
    step verdict = judge${id}(finding)
    step second = match verdict.kind {
      "accept" => finding
      "revise" => counter${id}(finding.title, hint: verdict.feedback)
      "reject" => listener${id}(finding.title, hint: ${hint})
    }
    output: { title: second.title, confidence: second.confidence, mood: second.mood, sources: second.sources, note: second.note }
  }
  output: looked.ok
}
`;
}

function processText(id: string): string {
  return `flow process${id}(topic: string, deep: bool = true) -> Result${id} {
  budget: { cost: $2, time: 30m }

  step found = gather${id}(topic)
  let best = found.sortBy(f => f.confidence).reverse().take(5)
  let weak = found.filter(f => f.mood == "bad" || f.confidence < 0.2).map(f => f.title)

  step refined = repeat {
    maxRounds: 3
    until: done

    step again = counter${id}(topic, hint: previous?.again.title)
    step verdict = judge${id}(again, strict: deep)
    let done = verdict.kind == "accept"
    output: { again, done }
  }

  step stored = if deep && best.length > 0 {
    step kept = keep${id}(topic, findings: best)
    output: kept.id
  } else {
    output: null
  }

  let title = stored == null ? "Nothing was kept about \${topic}" : "Kept as \${stored}"
  output: { title, findings: best.concat([refined.again]), failed: weak, rounds: 3 }
}
`;
}
