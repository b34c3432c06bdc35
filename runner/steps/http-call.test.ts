import { expect, test } from "vitest";

import type { Expression, Json } from "../../plan/expression.ts";
import type { HttpReach, ToolPlan } from "../../plan/plan.ts";
import { tool } from "../../test/simulation/plan-builder.ts";
import type { Files } from "../ports/files.ts";
import { prepareHttpCall } from "./http-call.ts";

const name = (text: string): Expression => ({ op: "name", name: text });
const config = (text: string): Expression => ({ op: "config", name: text });
const files: Files = {
  read: async () => new Uint8Array([1, 2]),
  write: async () => {
    throw new Error("not used");
  },
};

const url: Expression = {
  op: "template",
  parts: [
    { value: config("base"), print: "text" },
    "/items/",
    { value: name("id"), print: "text" },
  ],
};

function build(
  reach: Partial<HttpReach>,
  args: { readonly [name: string]: Json },
  more: Partial<ToolPlan> = {},
) {
  const full: HttpReach = { kind: "http", method: "POST", url, inUrl: ["id"], ...reach };
  const prepared = prepareHttpCall(tool({ returns: "any", ...more }), full, {
    any: {},
    nothing: { type: "null" },
  });
  return prepared({
    arguments: args,
    config: { base: "https://x.example/api/", key: "s3cret" },
    secrets: ["s3cret"],
    key: "run:f.é",
    files,
  });
}

test("parameters in the URL are encoded, the address is taken as it is, the rest is the body", async () => {
  const call = await build({}, { id: "a/b c?", title: "t", note: null });
  expect(call).toMatchObject({
    method: "POST",
    url: "https://x.example/api/items/a%2Fb%20c%3F",
    body: { kind: "json", value: { title: "t", note: null } },
    headers: {},
    ignoreBody: false,
    expectsText: false,
  });
});

test("for GET and DELETE the rest is the query: null is left out, lists repeat, records are JSON", async () => {
  const call = await build(
    { method: "GET" },
    { id: "1", tags: ["a b", "c"], on: true, n: 1.5, none: null, filter: { a: 1 } },
  );
  expect(call.url).toBe(
    "https://x.example/api/items/1?tags=a%20b&tags=c&on=true&n=1.5&filter=%7B%22a%22%3A1%7D",
  );
  expect(call.body).toEqual({ kind: "none" });
});

test("headers, query and body of the tool replace the default mapping", async () => {
  const reach: Partial<HttpReach> = {
    headers: {
      op: "record",
      entries: [
        { key: "X-Key", value: config("key") },
        { key: "X-None", value: { op: "value", value: null } },
      ],
    },
    query: { op: "record", entries: [{ key: "q", value: name("title") }] },
    body: name("title"),
  };
  const call = await build(reach, { id: "1", title: "t" });
  expect(call).toMatchObject({
    url: "https://x.example/api/items/1?q=t",
    headers: { "X-Key": "s3cret" },
    body: { kind: "json", value: "t" },
    secrets: ["s3cret"],
  });
  expect(call.headers).not.toHaveProperty("X-None");
});

test("credentials and the idempotency key", async () => {
  const value = (text: string): Expression => ({ op: "value", value: text });
  const bearer = await build(
    { auth: { kind: "bearer", token: config("key") } },
    { id: "1" },
    { idempotency: "Idempotency-Key" },
  );
  expect(bearer.headers).toEqual({
    authorization: "Bearer s3cret",
    "Idempotency-Key": "run%3Af.%C3%A9",
  });
  const basic = await build(
    { auth: { kind: "basic", user: value("u"), password: config("key") } },
    { id: "1" },
  );
  expect(basic.headers).toEqual({
    authorization: `Basic ${Buffer.from("u:s3cret").toString("base64")}`,
  });
  const header = await build(
    { auth: { kind: "header", header: value("X-Api-Key"), value: config("key") } },
    { id: "1" },
  );
  expect(header.headers).toEqual({ "X-Api-Key": "s3cret" });
  expect((await build({ auth: { kind: "none" } }, { id: "1" })).headers).toEqual({});
});

test("a body that is a file is its bytes, and a tool that returns nothing reads no answer", async () => {
  const file = { name: "a.pdf", mime: "application/pdf", size: 2, sha256: "0".repeat(64) };
  const call = await build(
    { method: "PUT", body: name("document") },
    { id: "1", document: file },
    { returns: "nothing" },
  );
  expect(call).toMatchObject({
    body: { kind: "bytes", mime: "application/pdf", bytes: new Uint8Array([1, 2]) },
    ignoreBody: true,
  });
});

test("text of another kind than JSON is sent as it is, and a file that is gone is not sent as nothing", async () => {
  const call = await build(
    {
      headers: { op: "value", value: { "Content-Type": "text/xml" } },
      body: name("xml"),
    },
    { id: "1", xml: "<a/>" },
  );
  expect(call.body).toEqual({
    kind: "bytes",
    mime: "text/xml",
    bytes: new TextEncoder().encode("<a/>"),
  });
});

test("the pair of a user and a password is a secret of its own", async () => {
  const call = await build(
    { auth: { kind: "basic", user: { op: "value", value: "u" }, password: config("key") } },
    { id: "1" },
  );
  expect(call.secrets).toContain(Buffer.from("u:s3cret").toString("base64"));
});
