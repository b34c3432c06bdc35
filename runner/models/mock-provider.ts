import { wordVector } from "../../base/word-vector.ts";
import type { Json } from "../../plan/expression.ts";
import type { Clock } from "../ports/clock.ts";
import { failure } from "../ports/call-outcome.ts";
import type { ModelProvider, ModelReply, ModelRequest, ModelTool } from "../ports/model.ts";
import { seededUnit } from "../ports/seeded-random.ts";
import type { MockScript, ScriptedTurn } from "./mock-script.ts";
import { mockValue } from "./mock-value.ts";
import { plainAnswer } from "./mock-words.ts";

export interface MockOptions {
  readonly clock: Clock;
  /** The same seed, program and input give the same answers. */
  readonly seed: string;
  readonly script?: MockScript;
  /** How long an answer takes, so that a live view has something to show; at once unless told. */
  readonly latencyMs?: { readonly from: number; readonly to: number };
}

/**
 * A model that needs no key and no network. Without a script it answers from the output type, seeded by the
 * step's path and what was asked. With tools, it calls one that it has not called yet in each of its first
 * two turns, then answers.
 */
export function mockProvider(options: MockOptions): ModelProvider {
  const used = new Map<string, number>();

  return {
    async ask(request, signal) {
      const prompt = request.messages.map((message) => message.text).join("\n");
      const unit = seededUnit([options.seed, request.agent, request.path, prompt].join("\n"));
      const { latencyMs: latency } = options;
      if (latency !== undefined) {
        const delayMs = latency.from + unit() * (latency.to - latency.from);
        if (!(await pause(options.clock, delayMs, signal)))
          return failure("cancelled", "the mock model was stopped");
      }
      const turn = options.script?.turnFor(request, used);
      if (turn !== undefined) return scripted(turn, request, prompt);
      const tool = nextTool(request, unit);
      if (tool !== undefined) {
        const call = {
          id: callId(request),
          name: tool.name,
          arguments: mockValue(tool.input, { unit, prompt }),
        };
        return reply({ prompt, text: "", calls: [call] });
      }
      if (request.output === null) {
        return reply({ prompt, text: plainAnswer(lastUserText(request), unit), calls: [] });
      }
      const value = mockValue(request.output, { unit, prompt });
      return reply({ prompt, text: JSON.stringify(value), value, calls: [] });
    },
    embed({ text }) {
      return Promise.resolve({
        ok: true,
        vector: wordVector(text),
        usage: usageOf(text, ""),
      });
    },
  };
}

function scripted(turn: ScriptedTurn, request: ModelRequest, prompt: string): ModelReply {
  switch (turn.kind) {
    case "failure":
      return failure(turn.code, turn.message, {
        retryAfterMs: turn.retryAfterMs,
        usage: usageOf(prompt, ""),
      });
    case "calls": {
      const calls = turn.calls.map((call, index) => ({
        id: `${callId(request)}-${index}`,
        ...call,
      }));
      return reply({ prompt, text: "", calls });
    }
    case "answer": {
      const text =
        typeof turn.value === "string" && request.output === null
          ? turn.value
          : JSON.stringify(turn.value);
      return reply({
        prompt,
        text,
        calls: [],
        ...(request.output === null ? {} : { value: turn.value }),
      });
    }
  }
}

function reply(answer: {
  readonly prompt: string;
  readonly text: string;
  readonly calls: Extract<ModelReply, { ok: true }>["calls"];
  readonly value?: Json;
}): ModelReply {
  const { prompt, text, calls, value } = answer;
  const usage = usageOf(prompt, text + JSON.stringify(calls));
  return { ok: true, text, calls, usage, ...(value === undefined ? {} : { value }) };
}

/** About four characters make a token. */
function usageOf(prompt: string, answer: string): { tokensIn: number; tokensOut: number } {
  return { tokensIn: Math.ceil(prompt.length / 4), tokensOut: Math.ceil(answer.length / 4) };
}

function nextTool(request: ModelRequest, unit: () => number): ModelTool | undefined {
  const called = request.messages.flatMap((message) =>
    message.role === "tool" ? [message.name] : [],
  );
  if (called.length >= 2) return undefined;
  const left = request.tools.filter((tool) => !called.includes(tool.name));
  return left[Math.floor(unit() * left.length)];
}

function callId(request: ModelRequest): string {
  return `call-${request.messages.length}`;
}

function lastUserText(request: ModelRequest): string {
  return request.messages.findLast((message) => message.role === "user")?.text ?? "";
}

/** False when it was stopped before its time. */
function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return Promise.resolve(false);
  return new Promise((resolve) => {
    const stop = clock.after(delayMs, () => {
      signal.removeEventListener("abort", onAbort);
      resolve(true);
    });
    const onAbort = (): void => {
      stop();
      resolve(false);
    };
    signal.addEventListener("abort", onAbort, { once: true });
  });
}
