import type { Json } from "../../plan/expression.ts";
import { failure } from "../ports/call-outcome.ts";
import type { ModelMessage, ModelReply, ModelRequest } from "../ports/model.ts";
import type { Attachment } from "./attachment.ts";
import { finishAnswer, parseArguments } from "./model-answer.ts";
import { formatName } from "./openai-responses.ts";
import { strictSchema, type StrictSchema } from "./strict-schema.ts";

/** Body of `POST /chat/completions`, which is what compatible servers speak. */
export function chatBody(
  request: ModelRequest,
  format: StrictSchema | null,
  attachments: ReadonlyMap<ModelMessage, readonly Attachment[]>,
): Record<string, Json> {
  const { target } = request;
  const system = request.system === null ? [] : [{ role: "system", content: request.system }];
  const messages = request.messages.map((message) =>
    chatMessage(message, attachments.get(message) ?? []),
  );
  return {
    model: target.model,
    messages: [...system, ...messages],
    ...(request.tools.length === 0 ? {} : { tools: request.tools.map(chatTool) }),
    ...(format === null ? {} : { response_format: responseFormat(request, format) }),
    ...(request.maxOutputTokens === null ? {} : { max_tokens: request.maxOutputTokens }),
    ...(target.temperature === undefined ? {} : { temperature: target.temperature }),
    ...((target.options ?? {}) as { readonly [name: string]: Json }),
  };
}

function responseFormat(request: ModelRequest, format: StrictSchema): Json {
  const { schema, strict } = format;
  return { type: "json_schema", json_schema: { name: formatName(request.agent), schema, strict } };
}

function chatTool(tool: ModelRequest["tools"][number]): Json {
  const { schema, strict } = strictSchema(tool.input);
  return {
    type: "function",
    function: { name: tool.name, description: tool.description, parameters: schema, strict },
  };
}

function chatMessage(message: ModelMessage, attachments: readonly Attachment[]): Json {
  switch (message.role) {
    case "user":
      if (attachments.length === 0) return { role: "user", content: message.text };
      return {
        role: "user",
        content: [{ type: "text", text: message.text }, ...attachments.map(chatPart)],
      };
    case "tool":
      return { role: "tool", tool_call_id: message.callId, content: message.text };
    case "assistant": {
      const calls = (message.calls ?? []).map((call) => ({
        id: call.id,
        type: "function",
        function: { name: call.name, arguments: JSON.stringify(call.arguments) },
      }));
      const content = message.text === "" && calls.length > 0 ? null : message.text;
      return { role: "assistant", content, ...(calls.length === 0 ? {} : { tool_calls: calls }) };
    }
  }
}

function chatPart(attachment: Attachment): Json {
  switch (attachment.kind) {
    case "text":
      return { type: "text", text: attachment.text };
    case "image":
      return { type: "image_url", image_url: { url: attachment.dataUrl } };
    case "file":
      return { type: "file", file: { filename: attachment.name, file_data: attachment.dataUrl } };
  }
}

/** The parts of a completion that decide its outcome. */
export interface ChatAnswer {
  readonly choices?: readonly {
    readonly finish_reason?: string | null;
    readonly message?: {
      readonly content?: string | null;
      readonly refusal?: string | null;
      readonly tool_calls?: readonly {
        readonly id?: string;
        readonly function?: { readonly name?: string; readonly arguments?: string };
      }[];
    };
  }[];
  readonly usage?: { readonly prompt_tokens?: number; readonly completion_tokens?: number } | null;
}

export function readChat(
  answer: ChatAnswer,
  request: ModelRequest,
  format: StrictSchema | null,
): ModelReply {
  const usage = {
    tokensIn: answer.usage?.prompt_tokens ?? 0,
    tokensOut: answer.usage?.completion_tokens ?? 0,
  };
  const { model } = request.target;
  const choice = answer.choices?.[0];
  const message = choice?.message;
  if (message === undefined)
    return failure("unavailable", `${model} answered without a message`, { usage });
  if (typeof message.refusal === "string" && message.refusal !== "") {
    return failure("refused", `${model} refused: ${message.refusal}`, { usage });
  }
  if (choice?.finish_reason === "length") {
    return failure("truncated", `${model}: the answer was cut off at the limit of output tokens`, {
      usage,
    });
  }
  if (choice?.finish_reason === "content_filter") {
    return failure(
      "filtered",
      `${model}: the answer was stopped by the provider's content filter`,
      { usage },
    );
  }
  const calls = (message.tool_calls ?? []).map((call) => ({
    id: call.id ?? "",
    name: call.function?.name ?? "",
    arguments: parseArguments(call.function?.arguments),
  }));
  return finishAnswer({ text: message.content ?? "", calls, usage, format, opaque: undefined });
}
