import { isDigit, isWordPart } from "./characters.ts";
import type { Scanner } from "./scanner.ts";
import { Duration, Float, Int, Money, Percent, Rate, Size, Token } from "./tokens.ts";
import type { TokenKind } from "./tokens.ts";

const durationUnits = new Set(["ms", "s", "m", "h", "d"]);
const sizeUnits = new Set(["k", "M"]);
const rateUnits = new Set(["s", "min", "h", "d"]);

/** Reads a number with its unit: `7 0.5 10s $0.50 50% 60/min 8k`. */
export function scanNumber(scanner: Scanner, code: number): void {
  const { text, position: start } = scanner;
  const isMoney = code === 36;
  let stop = digitsEnd(scanner, isMoney ? start + 1 : start);
  if (isMoney && stop === start + 1) {
    malformed(scanner, wordEnd(scanner, stop));
    return;
  }
  let isFloat = false;
  if (
    text.charCodeAt(stop) === 46 &&
    stop + 1 < scanner.end &&
    isDigit(text.charCodeAt(stop + 1))
  ) {
    stop = digitsEnd(scanner, stop + 1);
    isFloat = true;
  }
  const unitEnd = wordEnd(scanner, stop);
  const unit = text.slice(stop, unitEnd);
  if (isMoney) {
    if (unit === "") scanner.push(new Token(Money, start, stop, ""));
    else malformed(scanner, unitEnd);
    return;
  }
  if (unit !== "") {
    if (durationUnits.has(unit)) scanner.push(new Token(Duration, start, unitEnd, ""));
    else if (sizeUnits.has(unit)) scanner.push(new Token(Size, start, unitEnd, ""));
    else malformed(scanner, unitEnd);
    return;
  }
  scanBare(scanner, stop, isFloat ? Float : Int);
}

/** A number without letters: perhaps a percentage or a rate. */
function scanBare(scanner: Scanner, stop: number, kind: TokenKind): void {
  const { text, position: start, end } = scanner;
  const next = stop < end ? text.charCodeAt(stop) : 0;
  if (next === 37) {
    scanner.push(new Token(Percent, start, stop + 1, ""));
    return;
  }
  if (next === 47) {
    const unitEnd = wordEnd(scanner, stop + 1);
    if (rateUnits.has(text.slice(stop + 1, unitEnd))) {
      scanner.push(new Token(Rate, start, unitEnd, ""));
      return;
    }
  }
  scanner.push(new Token(kind, start, stop, ""));
}

/** Units of time as they are written elsewhere. */
const unitsOfOthers: ReadonlyMap<string, string> = new Map(
  [
    ["ms", "msec", "msecs", "millis", "millisecond", "milliseconds"],
    ["s", "sec", "secs", "second", "seconds"],
    ["m", "min", "mins", "minute", "minutes"],
    ["h", "hr", "hrs", "hour", "hours"],
    ["d", "day", "days"],
  ].flatMap(([unit = "", ...others]) => others.map((other): [string, string] => [other, unit])),
);

/** Reads it as a plain number all the same, so that the rest of the line keeps its meaning. */
function malformed(scanner: Scanner, stop: number): void {
  const { file, text, position: start } = scanner;
  const end = Math.max(stop, start + 1);
  const written = text.slice(start, end);
  const unit = /[A-Za-z_]\w*$/.exec(written)?.[0] ?? written;
  const meant = unitsOfOthers.get(unit.toLowerCase());
  const mended = meant === undefined ? "" : `${written.slice(0, -unit.length)}${meant}`;
  scanner.diagnostics.push({
    code: "AF1001",
    severity: "error",
    message: written.startsWith("$")
      ? `\`${written}\` is no amount of money`
      : `\`${written}\` is no number: \`${unit}\` is no unit`,
    span: { file, start, end },
    help: written.startsWith("$")
      ? 'write money as `$0.50`; text that takes in a value is `"${name}"`'
      : mended === ""
        ? "units are `ms s m h d` for time, `k M` for sizes, `%`, and `/s /min /h /d` for rates; names start with a letter"
        : `write \`${mended}\`; units of time are \`ms s m h d\``,
    ...(mended === ""
      ? {}
      : {
          fixes: [
            {
              title: `write \`${mended}\``,
              edits: [{ span: { file, start, end }, text: mended }],
              safe: true,
            },
          ],
        }),
  });
  scanner.push(new Token(Int, start, end, ""));
}

function digitsEnd(scanner: Scanner, start: number): number {
  let stop = start;
  while (stop < scanner.end && isDigit(scanner.text.charCodeAt(stop))) stop += 1;
  return stop;
}

function wordEnd(scanner: Scanner, start: number): number {
  let stop = start;
  while (stop < scanner.end && isWordPart(scanner.text.charCodeAt(stop))) stop += 1;
  return stop;
}
