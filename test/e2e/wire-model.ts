import type { Json } from "../../plan/expression.ts";
import type { RecordedRequest } from "./recording-server.ts";

/** The answer of a Chat Completions server: text, or JSON as text. */
export function completion({ body }: RecordedRequest, answer: Json): Json {
  const content = typeof answer === "string" ? answer : JSON.stringify(answer);
  const asked = typeof body === "object" && body !== null && "model" in body ? body["model"] : null;
  return {
    id: "chatcmpl-1",
    object: "chat.completion",
    created: 1,
    model: asked ?? null,
    choices: [
      { index: 0, message: { role: "assistant", content }, finish_reason: "stop", logprobs: null },
    ],
    usage: { prompt_tokens: 20, completion_tokens: 5, total_tokens: 25 },
  };
}

/** All texts of a request's messages in one, to look for what the model was told. */
export function toldText({ body }: RecordedRequest): string {
  return JSON.stringify(
    typeof body === "object" && body !== null && "messages" in body ? body["messages"] : body,
  );
}
