import { expect, test } from "vitest";

import { check, compile } from "../compile.ts";

const program = (body: string): string => `
tool look(text: string) -> trusted string { http: "PUT https://a.example/look", auth: "none" }
flow main(text: string) -> string {
${body}
}
`;

function host(body: string, included: string) {
  const files = new Map([
    ["main.agentflow", program(body)],
    ["mail.md", included],
  ]);
  return { read: (path: string) => files.get(path) ?? null };
}

const says = (body: string, included: string) =>
  check(host(body, included), ["main.agentflow"]).diagnostics.map(
    ({ code, span, message }) => `${code} ${program(body).slice(span.start, span.end)}: ${message}`,
  );

test("a step waits for what a text that it includes mentions", () => {
  const body = `step first = look("a")
  let shorter = first
  step second = look(include("mail.md"))
  output: second`;
  for (const included of ["Dear ${first}", "Dear ${shorter}"]) {
    const { plan, diagnostics } = compile(host(body, included), "main.agentflow");
    expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
    const [flow] = Object.values(plan?.program.flows ?? {});
    expect(flow?.body.steps.map(({ name, waits }) => [name, waits])).toEqual([
      ["first", []],
      ["second", ["first"]],
    ]);
  }
});

test("a step that includes a text that mentions it waits for itself, and the `include` is shown", () => {
  const body = `step first = look(include("mail.md"))\n  output: first`;
  const [circle] = check(host(body, "${first}"), ["main.agentflow"]).diagnostics;
  expect(circle?.code).toBe("AF4001");
  const at = circle?.related?.[0]?.span;
  expect(program(body).slice(at?.start, at?.end)).toBe(`include("mail.md")`);
});

test("a `let` that only an included text mentions is used", () => {
  const body = `let name = text\n  output: include("mail.md")`;
  expect(says(body, "Dear ${name}")).toEqual([]);
  expect(says(body, "Dear ${text}")).toEqual(["AF9001 name: nothing uses the `let` `name`"]);
});
