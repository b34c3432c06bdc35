import type { Json } from "../../plan/expression.ts";
import type { RecordedRequest } from "./recording-server.ts";

interface WireCall {
  readonly name: string;
  readonly arguments: Json;
}

/** The answer of a Chat Completions server: text, or JSON as text. */
export function completion(request: RecordedRequest, content: Json): Json {
  const text = typeof content === "string" ? content : JSON.stringify(content);
  return reply(request, { role: "assistant", content: text }, "stop");
}

/** An answer that calls tools. */
export function toolCalls(request: RecordedRequest, calls: readonly WireCall[]): Json {
  const wired = calls.map(({ name, arguments: given }, index) => ({
    id: `call-${index}`,
    type: "function",
    function: { name, arguments: JSON.stringify(given) },
  }));
  return reply(request, { role: "assistant", content: null, tool_calls: wired }, "tool_calls");
}

function reply({ body }: RecordedRequest, message: Json, finish: string): Json {
  const model =
    typeof body === "object" && body !== null && "model" in body ? body["model"] : "model";
  return {
    id: "chatcmpl-1",
    object: "chat.completion",
    created: 1,
    model: model ?? null,
    choices: [{ index: 0, message, finish_reason: finish, logprobs: null }],
    usage: { prompt_tokens: 20, completion_tokens: 5, total_tokens: 25 },
  };
}

/** All texts of a request's messages in one, to look for what the model was told. */
export function toldText({ body }: RecordedRequest): string {
  return JSON.stringify(
    typeof body === "object" && body !== null && "messages" in body ? body["messages"] : body,
  );
}
