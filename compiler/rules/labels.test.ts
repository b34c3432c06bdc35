import { expect, test } from "vitest";

import { declarations, diagnose, findings } from "./fixtures/findings.ts";

const flow = (body: string, head = ""): string => `${declarations}
tool post(channel: trusted string, text: string) -> trusted string { http: "PUT https://a.example/post" }
agent obey(text: string, style: string) -> string { model: fast, system: "Write like \${style}.", prompt: "\${text}" }
type Verdict { good: bool, mood: "up" | "down", why: string }
agent judge(text: string) -> Verdict { model: fast, prompt: "\${text}" }
flow main(text: string) {
${head}
${body}
}
`;

test("untrusted text does not become instructions", () => {
  const text = flow('step style = look(text)\nstep a = obey("x", style)');
  expect(findings(text)).toEqual([
    "AF6001 style: text from outside would become part of the instructions of `obey`",
  ]);
  expect(
    diagnose(text)[0]?.related?.map(
      ({ span, message }) => `${text.slice(span.start, span.end)}: ${message}`,
    ),
  ).toEqual([
    "look(text): what `look` returns comes from outside",
    "style: passed to `obey` as `style`",
  ]);
  expect(findings(flow('step a = obey(text, style: "short")'))).toEqual([]);
});

test("untrusted text does not decide where something goes", () => {
  expect(findings(flow('step where = look(text)\nstep a = post(where, text: "x")'))).toEqual([
    "AF6002 where: `channel` of `post` must be trusted, but this value comes from outside",
  ]);
  expect(
    findings(
      flow(
        'step where = look(text)\nstep a = post(trust(where, reason: "our own list"), text: "x")',
      ),
    ),
  ).toEqual([]);
  expect(findings(flow('step where = look(text)\nstep a = post("#a", text: where)'))).toEqual([]);
});

test("what an agent wrote after reading it is as untrusted, what it chose is not", () => {
  const read = "step page = look(text)\nstep verdict = judge(page)\n";
  expect(findings(flow(`${read}step a = post(verdict.why, text: "x")`))).toHaveLength(1);
  expect(findings(flow(`${read}step a = post(verdict.mood, text: "x")`))).toEqual([]);
});

test("payloads of triggers come from outside", () => {
  const on = 'on http("POST /a") { auth: "none" }';
  expect(findings(flow('step a = post(channel: text, text: "x")', on))).toHaveLength(1);
  expect(findings(flow('step a = post(channel: text, text: "x")'))).toEqual([]);
});

test("loops feed back what they read", () => {
  const loop =
    'step a = repeat {\n maxRounds: 3\n until: next == "x"\n step done = post(previous ?? "#a", text: "x")\n step next = look(done)\n output: next\n}';
  expect(findings(flow(loop))).toHaveLength(1);
});

const legs = (tools: string): string => `${declarations}
tool mail(id: string) -> untrusted private string { http: "GET https://a.example/\${id}" }
tool invoices(id: string) -> trusted private string { http: "GET https://a.example/\${id}" }
agent allow(text: string) -> { approved: bool } { model: team, prompt: "\${text}", timeout: 1h }
tool asked(text: string) -> string { http: "POST https://a.example/send", confirm: allow }
agent clerk(text: string) -> string { model: fast, prompt: "\${text}", tools: [${tools}] }
flow main(id: string) {
  step letter = look(id)
  step reply = clerk(letter)
}
`;

test("untrusted, private and send together", () => {
  expect(findings(legs("invoices, send"))).toEqual([
    "AF6004 clerk(letter): `clerk` reads text from outside, sees private data, and can send with `send`",
  ]);
  expect(findings(legs("mail, send"))).toHaveLength(1);
  for (const fine of ["send", "invoices", "invoices, asked"])
    expect(findings(legs(fine))).toEqual([]);
});

test("in a handoff graph the legs add up", () => {
  const text = `${declarations}
tool invoices(id: string) -> trusted private string { http: "GET https://a.example/\${id}" }
role desk(text: string) -> string { prompt: "\${text}" }
agent front: desk { model: fast }
agent billing: desk { model: fast, tools: [invoices] }
agent mailer: desk { model: fast, tools: [send] }
flow main(text: string) {
  on http("POST /a") { auth: "none" }
  step reply = front(text) { handoffs: { front: [billing, mailer] } }
}
`;
  expect(findings(text).map((line) => line.slice(0, 6))).toEqual(["AF6004"]);
});
