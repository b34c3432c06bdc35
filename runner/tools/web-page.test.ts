import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";

import { afterAll, beforeAll, expect, test } from "vitest";

import { fetchPage, isPrivateAddress, pageFetcher, readableText } from "./web-page.ts";

let server: Server;
let base = "";
let answer: (url: string, response: ServerResponse) => void;

beforeAll(async () => {
  server = createServer((request, response) => answer(request.url ?? "", response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close().closeAllConnections());

const { signal } = new AbortController();
const fetchLocal = pageFetcher({ isRefused: (address) => address !== "127.0.0.1" });

const html = `<!doctype html><html><head><title>Caf&eacute; &amp; bar</title><style>x{}</style></head>
<body><nav><a href="/">Home</a></nav><script>var a = "<p>no</p>";</script>
<h1>Opening   hours</h1><p>We open at 8&nbsp;am &#8211; every day.<p>Closed on <b>Monday</b>.
<ul><li>Coffee<li>Tea</ul><footer>Imprint</footer></body></html>`;

test("a page becomes its title and its words in paragraphs", () => {
  expect(readableText(html)).toEqual({
    title: "Café & bar",
    text: "Opening hours\nWe open at 8 am – every day.\nClosed on Monday.\n- Coffee\n- Tea",
  });
});

test("the main part wins when it says enough, and broken pages are read as far as they go", () => {
  const long = "A sentence about the subject. ".repeat(10);
  expect(readableText(`<p>Around</p><main><p>${long}</p></main><p>Around</p>`).text).toBe(
    long.trim(),
  );
  expect(readableText("<p>one <b>two <i>three").text).toBe("one two three");
  expect(readableText("<".repeat(50_000)).text.length).toBe(50_000);
});

test("redirects, compression and character sets are understood", async () => {
  answer = (url, response) => {
    if (url === "/old") response.writeHead(301, { location: "/new" }).end();
    else {
      response.writeHead(200, {
        "content-type": "text/html; charset=iso-8859-1",
        "content-encoding": "gzip",
      });
      response.end(gzipSync(Buffer.from("<title>T</title><p>caf\u00e9", "latin1")));
    }
  };
  expect(await fetchLocal({ url: `${base}/old` }, { signal })).toEqual({
    url: `${base}/new`,
    title: "T",
    text: "café",
  });
});

test("failures carry the codes of the language", async () => {
  const codes: [number, string][] = [
    [404, "not_found"],
    [403, "unauthorized"],
    [429, "rate_limited"],
    [500, "unavailable"],
  ];
  for (const [status, code] of codes) {
    answer = (_, response) => response.writeHead(status, { "retry-after": "2" }).end();
    await expect(fetchLocal({ url: base }, { signal })).rejects.toMatchObject({
      code,
      retryAfterMs: 2_000,
    });
  }
  answer = (_, response) => response.writeHead(200, { "content-type": "image/png" }).end("x");
  await expect(fetchLocal({ url: base }, { signal })).rejects.toMatchObject({
    code: "invalid_output",
  });
  await expect(fetchLocal({ url: "ftp://x/" }, { signal })).rejects.toMatchObject({
    code: "invalid_input",
  });
});

test("a redirect can't lead into the inner network, nor can a name that resolves there", async () => {
  answer = (_, response) =>
    response.writeHead(302, { location: "http://169.254.169.254/latest/meta-data" }).end();
  await expect(fetchLocal({ url: base }, { signal })).rejects.toMatchObject({
    code: "unauthorized",
  });
  await expect(
    fetchPage({ url: `http://localhost:${new URL(base).port}` }, { signal }),
  ).rejects.toMatchObject({ code: "unauthorized" });
});

test("addresses of the inner network in every spelling", () => {
  const inner =
    "127.0.0.1 10.1.2.3 172.31.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 ::1 :: fd00::1 fe80::1 ::ffff:10.0.0.1 ::ffff:7f00:1 64:ff9b::10.0.0.1 2002:7f00:1::".split(
      " ",
    );
  const outer = "1.1.1.1 8.8.8.8 172.32.0.1 2606:4700::1111 ::ffff:8.8.8.8 64:ff9b::8.8.8.8".split(
    " ",
  );
  expect(inner.filter((address) => !isPrivateAddress(address))).toEqual([]);
  expect(outer.filter(isPrivateAddress)).toEqual([]);
});
