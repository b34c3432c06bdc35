import type { LogRecord, Telemetry } from "../../runner/index.ts";
import { hideSecrets } from "../settings/settings-problem.ts";
import type { Settings } from "../settings/settings.ts";
import { now } from "../system-clock.ts";
import type { Terminal } from "../terminal.ts";

const weights = { debug: 0, info: 1, warn: 2, error: 3 } as const;

/** Writes what happens to standard error: for people in a terminal, else one JSON document a line. Passwords in addresses are hidden. */
export function logLines(terminal: Terminal, { level, format }: Settings["log"]): Telemetry {
  const asText = format === "text" || (format === "auto" && terminal.live);
  return {
    log(record) {
      if (weights[record.level] < weights[level]) return;
      const time = new Date(now()).toISOString();
      const clean = { ...record, message: hideSecrets(record.message) };
      terminal.err(asText ? textLine(time, clean, terminal) : jsonLine(time, clean));
    },
  };
}

function jsonLine(time: string, { level, message, fields = {} }: LogRecord): string {
  return `${JSON.stringify({ time, level, message, ...fields })}\n`;
}

function textLine(
  time: string,
  { level, message, fields = {} }: LogRecord,
  { errColors }: Terminal,
): string {
  const { dim, red, yellow } = errColors;
  const plain = (text: string): string => text;
  const tint = { debug: dim, info: plain, warn: yellow, error: red }[level];
  const rest = Object.entries(fields).map(([name, value]) => ` ${name}=${String(value)}`);
  return `${dim(time.slice(11, 23))} ${tint(message)}${dim(rest.join(""))}\n`;
}
