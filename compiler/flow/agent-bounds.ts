import type { Bounds } from "../../plan/plan.ts";
import type { GlobalSymbol } from "../names/symbol.ts";
import type { CheckedAgent, CheckedModel, CheckedProgram } from "../types/checked.ts";
import { addFigures, atMost, nothing, sum, times, timesFigure, worst } from "./bound-sums.ts";
import { attemptsOf, retryBounds } from "./retry-bounds.ts";
import { settingMaximum } from "./setting-range.ts";
import { settingSymbol, settingSymbols, toolsOf } from "./uses.ts";
import {
  constantNumber,
  constantOf,
  constantText,
  writtenRecord,
  writtenSetting,
} from "./written.ts";

const modelTimeoutMs = 120_000;
const modelAttempts = 3;
/** Turns of an agent that has tools and does not say how many. */
const defaultToolTurns = 8;

export interface AgentCall {
  readonly program: CheckedProgram;
  readonly agent: CheckedAgent;
  /** The model the call asks for instead of the agent's own. */
  readonly model: GlobalSymbol | null;
  /** One call of a tool from the agent's loop, with the agent that confirms it. */
  ofTool(symbol: GlobalSymbol): Bounds;
}

/** One call of an agent: all its attempts. A person is asked and makes no requests. */
export function agentBounds(call: AgentCall): Bounds {
  const { program, agent } = call;
  const timeoutMs = settingMaximum(agent.settings, "timeout", program);
  const attempt = isPerson(program, agent, call.model)
    ? personAttempt(call, timeoutMs)
    : atMost(modelAttempt(call), timeoutMs);
  return retryBounds(attempt, agent.settings, { program, attempts: 1 });
}

export function isPerson(
  program: CheckedProgram,
  agent: CheckedAgent,
  instead: GlobalSymbol | null,
): boolean {
  const model = modelOf(program, instead ?? settingSymbol(program, agent.settings.get("model")));
  return model !== null && isHuman(program, model);
}

export function isHuman(program: CheckedProgram, model: CheckedModel): boolean {
  return (
    constantText(program, writtenSetting(program, model.settings.get("use")))?.startsWith(
      "human/",
    ) ?? false
  );
}

export function modelOf(program: CheckedProgram, symbol: GlobalSymbol | null): CheckedModel | null {
  const declaration = symbol === null ? undefined : program.declarationOf(symbol);
  return declaration?.kind === "model" ? declaration : null;
}

/** Model requests and further tool calls of one attempt. */
export function maxTurns(program: CheckedProgram, agent: CheckedAgent): number {
  const written = constantNumber(program, writtenSetting(program, agent.settings.get("maxTurns")));
  return written ?? (toolsOf(program, agent).length > 0 ? defaultToolTurns : 1);
}

function personAttempt({ program, agent, model }: AgentCall, timeoutMs: number | null): Bounds {
  const person = modelOf(program, model ?? settingSymbol(program, agent.settings.get("model")));
  const own = person === null ? null : settingMaximum(person.settings, "timeout", program);
  return { ...nothing, humanTasks: 1, timeMs: timeoutMs ?? own };
}

function modelAttempt(call: AgentCall): Bounds {
  const { program, agent } = call;
  const turns = maxTurns(program, agent);
  const tools = toolsOf(program, agent).map((tool) => call.ofTool(tool.symbol));
  const models = modelChain(program, call);
  // The one repair request comes on top of the turns.
  const requests = times(
    sum(...models.map((model) => requestBounds(program, agent, model))),
    turns + 1,
  );
  const loop = tools.length === 0 ? nothing : times(worst(...tools), turns - 1);
  return sum({ ...nothing, agentCalls: 1 }, requests, loop);
}

/** The model and its backups, tried in this order. */
function modelChain(program: CheckedProgram, { agent, model }: AgentCall): readonly CheckedModel[] {
  const first = modelOf(program, model ?? settingSymbol(program, agent.settings.get("model")));
  if (first === null) return [];
  const backups = settingSymbols(program, first.settings.get("backups")).flatMap(
    (backup) => modelOf(program, backup) ?? [],
  );
  return [first, ...backups];
}

/** One request that one model answers, with its attempts. */
function requestBounds(program: CheckedProgram, agent: CheckedAgent, model: CheckedModel): Bounds {
  const attempts = attemptsOf(model.settings, { program, attempts: modelAttempts });
  const { tokens, cost } = requestCost(program, agent, model);
  const timeoutMs = model.settings.has("timeout")
    ? settingMaximum(model.settings, "timeout", program)
    : modelTimeoutMs;
  const one = { ...nothing, modelRequests: 1, tokens: null, cost: null, timeMs: timeoutMs };
  const all = retryBounds(one, model.settings, { program, attempts: modelAttempts });
  return { ...all, tokens: timesFigure(tokens, attempts), cost: timesFigure(cost, attempts) };
}

export interface RequestCost {
  readonly maxInput: number | null;
  readonly maxOutput: number | null;
  readonly tokens: number | null;
  /** Dollars. */
  readonly cost: number | null;
  /** Dollars that the answer alone can cost: what is reserved at the least. */
  readonly outputCost: number | null;
}

/** What one request can use at most, as far as the program says. Nothing is guessed: prices and limits change. */
export function requestCost(
  program: CheckedProgram,
  agent: CheckedAgent,
  model: CheckedModel,
): RequestCost {
  const maxInput = tokenLimit(program, agent, model, "maxInput");
  const maxOutput = tokenLimit(program, agent, model, "maxOutput");
  const price = writtenSetting(program, model.settings.get("price"));
  const entries = price === null ? null : writtenRecord(program, price);
  const inputCost = timesFigure(
    maxInput,
    perToken(constantOf(program, entries?.get("input") ?? null)),
  );
  const outputCost = timesFigure(
    maxOutput,
    perToken(constantOf(program, entries?.get("output") ?? null)),
  );
  return {
    maxInput,
    maxOutput,
    tokens: addFigures(maxInput, maxOutput),
    cost: addFigures(inputCost, outputCost),
    outputCost,
  };
}

function tokenLimit(
  program: CheckedProgram,
  agent: CheckedAgent,
  model: CheckedModel,
  key: "maxInput" | "maxOutput",
): number | null {
  const read = (settings: CheckedAgent["settings"]) =>
    constantNumber(program, writtenSetting(program, settings.get(key)));
  return read(agent.settings) ?? read(model.settings) ?? null;
}

function perToken(price: ReturnType<typeof constantOf>): number | null {
  return typeof price === "number" ? price / 1_000_000 : null;
}
