import { lookup } from "node:dns/promises";

import type { HttpCall } from "../ports/tool.ts";
import { isPrivateAddress } from "./web-page.ts";

export const maxRedirects = 5;

/** The other side points to a place where this request must not follow. */
export class RefusedRedirect extends Error {}

/** What the program asks for is no request that HTTP knows; nothing was sent. */
export class UnsendableRequest extends Error {}

/** These say what the body is, not who asks, so they may cross to another origin. */
const harmlessHeaders = new Set(["accept", "content-type", "user-agent", "accept-language"]);

/**
 * Sends the request and follows redirects by hand, because `fetch` alone would resend a body and any
 * header but `authorization` wherever it is pointed to:
 * - at most 5, and never from https to http;
 * - to another origin only reading requests, and without the headers the program set;
 * - from the public internet never to an address of the inner network, which the other side could not reach
 *   by itself;
 * - a request that acts is resent only for 307 and 308 on the same origin. After 301 and 302 `fetch`
 *   would turn it into a GET and the action would be lost behind a 200; here it fails.
 */
export async function followRedirects(
  call: HttpCall,
  signal: AbortSignal,
  send: typeof fetch,
): Promise<Response> {
  let url = parseUrl(call.url);
  let method = call.method.toUpperCase();
  const reads = method === "GET" || method === "HEAD";
  let body = requestBody(call);
  let headers = requestHeaders(call);
  refuseBadHeaders(headers);
  for (let hop = 0; ; hop += 1) {
    const response = await send(url, {
      method,
      headers,
      signal,
      redirect: "manual",
      ...(body === undefined ? {} : { body }),
    });
    const location = isRedirect(response.status) ? response.headers.get("location") : null;
    if (location === null) return response;
    await response.body?.cancel();
    if (hop === maxRedirects)
      throw new RefusedRedirect(`redirected more than ${maxRedirects} times`);
    const next = nextUrl(location, url);
    if (response.status === 303) {
      method = reads ? method : "GET";
      body = undefined;
      headers = without(headers, "content-type");
    } else if (!reads && (next.origin !== url.origin || response.status < 307)) {
      throw new RefusedRedirect(
        `${response.status} to ${next.origin}${next.pathname}; change the tool's URL to where it moved`,
      );
    }
    if (next.origin !== url.origin) {
      headers = only(headers, harmlessHeaders);
      if ((await isInside(next)) && !(await isInside(url)))
        throw new RefusedRedirect(`redirected to ${next.hostname}, which is in the inner network`);
    }
    url = next;
  }
}

function parseUrl(text: string): URL {
  if (!URL.canParse(text)) throw new UnsendableRequest("this is not a URL");
  const url = new URL(text);
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw new UnsendableRequest(`only http and https can be called, not ${url.protocol}`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new UnsendableRequest("the URL holds a user or password; give them in the tool's auth");
  }
  return url;
}

/** `fetch` would say so too, but only with the value in its message, and as if the network were at fault. */
function refuseBadHeaders(headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) {
    try {
      new Headers({ [name]: value });
    } catch {
      throw new UnsendableRequest(
        `the value of the header ${JSON.stringify(name)} has characters that no header can hold`,
      );
    }
  }
}

/**
 * Whether a URL leads to this machine or its network. A name that no one can resolve is not inside; the request
 * will say so.
 */
async function isInside(url: URL): Promise<boolean> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const found = await lookup(host, { all: true }).catch(() => []);
  return found.some(({ address }) => isPrivateAddress(address));
}

function nextUrl(location: string, from: URL): URL {
  if (!URL.canParse(location, from.href))
    throw new RefusedRedirect("redirected to something that is not a URL");
  const next = new URL(location, from);
  // Nobody but the program hands out credentials.
  next.username = "";
  next.password = "";
  if (next.protocol !== from.protocol && next.protocol !== "https:") {
    throw new RefusedRedirect(`redirected from ${from.protocol} to ${next.protocol}`);
  }
  return next;
}

function isRedirect(status: number): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308;
}

function requestBody(call: HttpCall): string | Uint8Array<ArrayBuffer> | undefined {
  if (call.body.kind === "json") return JSON.stringify(call.body.value);
  return call.body.kind === "bytes" ? new Uint8Array(call.body.bytes) : undefined;
}

function requestHeaders(call: HttpCall): Record<string, string> {
  const headers: Record<string, string> = { accept: "application/json, text/*;q=0.5, */*;q=0.1" };
  if (call.body.kind === "json") headers["content-type"] = "application/json";
  if (call.body.kind === "bytes") headers["content-type"] = call.body.mime;
  for (const [name, value] of Object.entries(call.headers)) headers[name.toLowerCase()] = value;
  return headers;
}

function without(headers: Record<string, string>, name: string): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([key]) => key !== name));
}

function only(headers: Record<string, string>, names: ReadonlySet<string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([key]) => names.has(key)));
}
