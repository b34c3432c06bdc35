// The module `agentflow/web`. It runs in a module's thread, which may load it as text: so it imports nothing
// but Node's own modules.
import { request as httpRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import { lookup, type LookupAddress } from "node:dns";
import { BlockList, isIP } from "node:net";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";

export interface Page {
  readonly url: string;
  readonly title: string;
  readonly text: string;
}

interface Context {
  readonly signal: AbortSignal;
}

const maxRedirects = 5;
const maxBytes = 3_000_000;
const maxCharacters = 20_000;

/** A failure with one of the codes of the language. */
class PageError extends Error {
  readonly code: string;
  readonly retryAfterMs: number | undefined;

  constructor(code: string, message: string, retryAfterMs?: number) {
    super(message);
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

/**
 * Reads a web page and gives its title and main text. The address usually comes from a model or from
 * another page, so it must not open a door into the network this program runs in: only http and https on
 * any port, and only addresses of the public internet. What a host name resolves to is checked at the
 * moment of connecting and at every redirect, so a name that changes its mind in between gains nothing.
 */
export const fetchPage = pageFetcher({ isRefused: isPrivateAddress });

export function pageFetcher(rules: {
  readonly isRefused: (address: string) => boolean;
}): (input: { readonly url: string }, context: Context) => Promise<Page> {
  return async ({ url }, { signal }) => {
    let place = publicUrl(url, rules.isRefused);
    for (let hop = 0; ; hop += 1) {
      const response = await get(place, signal, rules.isRefused);
      const status = response.statusCode ?? 0;
      const location = response.headers.location;
      if (status >= 300 && status < 400 && location !== undefined) {
        response.destroy();
        if (hop === maxRedirects)
          throw new PageError("unavailable", `redirected more than ${maxRedirects} times`);
        if (!URL.canParse(location, place.href))
          throw new PageError("not_found", "redirected to something that is not a URL");
        place = publicUrl(new URL(location, place).href, rules.isRefused);
        continue;
      }
      if (status !== 200) {
        response.destroy();
        throw new PageError(
          codeOf(status),
          `${place.origin}${place.pathname} answered ${status}`,
          retryAfter(response),
        );
      }
      return pageOf(place.href, response, await readText(response));
    }
  };
}

function publicUrl(text: string, isRefused: (address: string) => boolean): URL {
  if (!URL.canParse(text))
    throw new PageError("invalid_input", `${JSON.stringify(text)} is not a URL`);
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new PageError(
      "invalid_input",
      `only http and https pages can be read, not ${url.protocol}`,
    );
  }
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (isIP(host) !== 0 && isRefused(host)) throw notPublic(host);
  return url;
}

function notPublic(host: string): PageError {
  return new PageError("unauthorized", `${host} is not an address of the public internet`);
}

function get(
  url: URL,
  signal: AbortSignal,
  isRefused: (address: string) => boolean,
): Promise<IncomingMessage> {
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  const options: RequestOptions = {
    signal,
    headers: {
      accept: "text/html,application/xhtml+xml,text/plain;q=0.9,*/*;q=0.1",
      "accept-encoding": "gzip, deflate, br",
      "user-agent": "agentflow (web page reader)",
    },
    lookup: (host, lookupOptions, callback) => {
      lookup(host, { ...lookupOptions, all: true }, (error, addresses) => {
        const found: readonly LookupAddress[] = error === null ? addresses : [];
        const bad = found.find((entry) => isRefused(entry.address));
        const first = found[0];
        if (error !== null || first === undefined)
          callback(error ?? new Error(`${host} has no address`), "", 4);
        else if (bad !== undefined) callback(notPublic(host), "", 4);
        else if (lookupOptions.all === true) callback(null, [...found]);
        else callback(null, first.address, first.family);
      });
    },
  };
  return new Promise((resolve, reject) => {
    const request = send(url, options, resolve);
    request.on("error", (error) => {
      if (error instanceof PageError) reject(error);
      else
        reject(
          new PageError(
            signal.aborted ? "cancelled" : "unavailable",
            `${url.origin}: ${error.message}`,
          ),
        );
    });
    request.end();
  });
}

async function readText(response: IncomingMessage): Promise<string> {
  const encoding = response.headers["content-encoding"];
  const stream =
    encoding === "gzip"
      ? response.pipe(createGunzip())
      : encoding === "deflate"
        ? response.pipe(createInflate())
        : encoding === "br"
          ? response.pipe(createBrotliDecompress())
          : response;
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.length;
      // The beginning of a page that is too large is still worth reading.
      if (size > maxBytes) break;
    }
  } catch (error) {
    throw new PageError(
      "unavailable",
      `the page broke off: ${error instanceof Error ? error.message : "cut"}`,
    );
  } finally {
    response.destroy();
  }
  const bytes = Buffer.concat(chunks).subarray(0, maxBytes);
  const declared = /charset=["']?([\w-]+)/i;
  const charset =
    declared.exec(response.headers["content-type"] ?? "")?.[1] ??
    declared.exec(bytes.subarray(0, 2_048).toString("latin1"))?.[1] ??
    "utf-8";
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return new TextDecoder().decode(bytes);
  }
}

function pageOf(url: string, response: IncomingMessage, source: string): Page {
  const mime = response.headers["content-type"] ?? "text/html";
  if (/html|xml/i.test(mime)) {
    const { title, text } = readableText(source);
    return { url, title: title === "" ? url : title, text: text.slice(0, maxCharacters) };
  }
  if (/^text\/|json/i.test(mime)) return { url, title: url, text: source.slice(0, maxCharacters) };
  throw new PageError("invalid_output", `${url} is ${mime}, not a page of text`);
}

function codeOf(status: number): string {
  if (status === 404 || status === 410) return "not_found";
  if (status === 401 || status === 403 || status === 451) return "unauthorized";
  if (status === 408) return "timeout";
  if (status === 429) return "rate_limited";
  return status >= 500 ? "unavailable" : "invalid_input";
}

function retryAfter(response: IncomingMessage): number | undefined {
  const seconds = Number(response.headers["retry-after"] ?? "");
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : undefined;
}

// ------------------------------------------------------------------ addresses

const notPublicRanges = blockList([
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
  ["::", 127],
  ["64:ff9b:1::", 48],
  ["100::", 64],
  ["2001::", 23],
  ["2001:db8::", 32],
  ["fc00::", 7],
  ["fe80::", 10],
  ["fec0::", 10],
  ["ff00::", 8],
]);

function blockList(ranges: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList();
  for (const [address, prefix] of ranges) {
    list.addSubnet(address, prefix, address.includes(":") ? "ipv6" : "ipv4");
  }
  return list;
}

/** Loopback, private, link-local (cloud metadata), shared, documentation and multicast ranges of IPv4 and IPv6. */
export function isPrivateAddress(address: string): boolean {
  if (isIP(address) === 4) return notPublicRanges.check(address, "ipv4");
  const embedded = embeddedIpv4(address);
  if (embedded !== undefined) return notPublicRanges.check(embedded, "ipv4");
  return notPublicRanges.check(address, "ipv6");
}

/** The IPv4 address inside a mapped (::ffff:0:0/96), translated (64:ff9b::/96) or 6to4 (2002::/16) one. */
function embeddedIpv4(address: string): string | undefined {
  const host = new URL(`http://[${address.split("%")[0] ?? ""}]`).hostname.slice(1, -1);
  const [head = "", tail = ""] = host.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === "" ? [] : tail.split(":");
  const zeros = Array<string>(8 - left.length - right.length).fill("0");
  const words = [...left, ...zeros, ...right].map((word) => Number.parseInt(word, 16));
  const dotted = (high = 0, low = 0): string =>
    `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
  if (words.slice(0, 5).every((word) => word === 0) && words[5] === 0xffff)
    return dotted(words[6], words[7]);
  if (words[0] === 0x64 && words[1] === 0xff9b && words[2] === 0) return dotted(words[6], words[7]);
  return words[0] === 0x2002 ? dotted(words[1], words[2]) : undefined;
}

// ------------------------------------------------------------------ text

const dropped = new Set(
  "script style noscript template svg math canvas iframe object nav footer aside form button select dialog title".split(
    " ",
  ),
);
const blocks = new Set(
  "address article blockquote dd div dl dt figcaption figure h1 h2 h3 h4 h5 h6 header hr li main ol p pre section table tr ul br".split(
    " ",
  ),
);
const voids = new Set("area base br col embed hr img input link meta source track wbr".split(" "));

/** The title and the words of a page, in paragraphs, without its scripts, navigation and forms. */
export function readableText(html: string): { readonly title: string; readonly text: string } {
  const title = decodeEntities(/<title[^>]*>([^<]*)/i.exec(html)?.[1] ?? "")
    .replace(/\s+/g, " ")
    .trim();
  const whole = plainText(html);
  // A page that says where its content is usually means it; one that lies is read as a whole.
  const main = ["main", "article"]
    .map((name) => plainText(inside(html, name)))
    .find((text) => text.length > 200);
  return { title, text: main ?? whole };
}

function inside(html: string, name: string): string {
  const start = html.search(new RegExp(`<${name}[\\s>]`, "i"));
  const end = html.toLowerCase().lastIndexOf(`</${name}`);
  return start >= 0 && end > start ? html.slice(start, end) : "";
}

function plainText(html: string): string {
  const parts: string[] = [];
  let skipping: string | undefined;
  let depth = 0;
  // A tag's length is bounded so that a page of unclosed tags can't make this quadratic.
  const token =
    /<!--[\s\S]*?(?:-->|$)|<![^>]*>|<(\/?)([a-zA-Z][\w-]*)((?:"[^"]*"|'[^']*'|[^>"']){0,4000})>|[^<]+|</g;
  for (const match of html.matchAll(token)) {
    const name = match[2]?.toLowerCase();
    if (name === undefined) {
      if (skipping === undefined && !match[0].startsWith("<!"))
        parts.push(match[0].replace(/\s+/g, " "));
      continue;
    }
    const closes = match[1] === "/";
    if (skipping !== undefined) {
      if (name === skipping) depth += closes ? -1 : 1;
      if (depth === 0) skipping = undefined;
      continue;
    }
    if (dropped.has(name) && !closes && !match[3]?.endsWith("/")) {
      if (!voids.has(name)) {
        skipping = name;
        depth = 1;
      }
      continue;
    }
    if (blocks.has(name)) parts.push(name === "li" && !closes ? "\n- " : "\n");
    else if (name === "td" || name === "th") parts.push(" ");
  }
  return decodeEntities(parts.join(""))
    .split("\n")
    .map((line) => line.replace(/[ \t\u00a0]+/g, " ").trim())
    .filter((line) => line !== "" && line !== "-")
    .join("\n");
}

const named: { readonly [name: string]: string } = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: "\u00a0",
  copy: "©",
  reg: "®",
  trade: "™",
  hellip: "…",
  mdash: "—",
  ndash: "–",
  lsquo: "‘",
  rsquo: "’",
  ldquo: "“",
  rdquo: "”",
  laquo: "«",
  raquo: "»",
  bull: "•",
  middot: "·",
  euro: "€",
  pound: "£",
  yen: "¥",
  cent: "¢",
  sect: "§",
  deg: "°",
  times: "×",
  auml: "ä",
  ouml: "ö",
  uuml: "ü",
  Auml: "Ä",
  Ouml: "Ö",
  Uuml: "Ü",
  szlig: "ß",
  eacute: "é",
  egrave: "è",
  agrave: "à",
  aacute: "á",
  acirc: "â",
  ecirc: "ê",
  ccedil: "ç",
  ntilde: "ñ",
  oacute: "ó",
  iacute: "í",
  uacute: "ú",
};

function decodeEntities(text: string): string {
  return text.replace(
    /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|(\w{2,8}));?/g,
    (whole, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return named[name] ?? whole;
      const code = decimal === undefined ? Number.parseInt(hex ?? "", 16) : Number(decimal);
      return code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code < 0xe000)
        ? String.fromCodePoint(code)
        : "";
    },
  );
}
