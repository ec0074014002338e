/**
 * A turn as the body of a chat completions request, within what an endpoint takes. Pure.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { type ChatMessage, type ModelParams, ModelParamsSchema } from "../../define/contract.ts";
import type { LlmTurn, LlmTurnRequest } from "./engine.ts";
import { mendedMessages, type MessageRule, type WireMessage } from "./message_rules.ts";
import { outputPlan, schemaHint, withHint } from "./structured_output.ts";
import { ToolDialect } from "./tool_dialect.ts";
import type { Sent } from "./upstream_failure.ts";
import type { Traits } from "./vendors.ts";
import { wellFormed } from "../../base/well_formed.ts";
import { wireRules } from "./wire_rules.ts";
import { isTextPart, type WirePart, wirePart } from "./wire_part.ts";

/** How a request is to be written. */
export interface WireOptions {
  /** What the endpoint calls the model. */
  readonly model: string;
  readonly traits: Traits;
  readonly stream: boolean;
  /** Parameters the endpoint has refused before; they are left out. */
  readonly refused: ReadonlySet<string>;
  /** Tools the endpoint has refused before; they are not offered. */
  readonly refusedTools: ReadonlySet<string>;
  /** Names of rules that it has turned out to have. */
  readonly learned: ReadonlySet<string>;
  /** Most tokens of an answer that may be asked for; 0 where the endpoint is to decide. */
  readonly tokensMax: number;
}

/** A request's body. */
export type WireBody = Record<string, unknown> & {
  readonly model: string;
  readonly messages: readonly WireMessage[];
};

/** A request as it is sent. */
export interface WireRequest {
  readonly body: WireBody;
  /** Its parts that an endpoint may complain of. */
  readonly sent: Sent;
  /** How many tools are not offered, because there are more than the endpoint takes. */
  readonly surplus: number;
  /** The name that a tool has, of the one it is sent with. */
  ownName(name: string): string;
  /** The turn it led to, with the names that tools have. */
  read(turn: LlmTurn): LlmTurn;
}

/** Parameters that an endpoint may refuse without the request losing its sense. */
function isOptional(parameter: string): boolean {
  return !["model", "messages", "tools", "stream"].includes(parameter);
}

/** Keys of the parameters that are ours to write, or would change what an answer is. */
const OURS = new Set([
  ...Object.keys(ModelParamsSchema.shape),
  "messages",
  "tools",
  "stream",
  "n",
  "functions",
  "function_call",
]);

/** Writes a turn. */
export function wireRequest(request: LlmTurnRequest, options: WireOptions): WireRequest {
  const { traits, learned, refusedTools } = options;
  const rules = wireRules(traits, learned);
  const dialect = new ToolDialect(request.tools, traits, rules.schemas, refusedTools);
  const body = wireBody(request, options, dialect, rules.messages);
  return {
    body,
    sent: {
      parameters: Object.keys(body).filter(isOptional),
      limit: LIMITS.map((name) => limitIn(body, name)).find((limit) => limit !== undefined),
      tools: dialect.names,
      rules: [...rules.messages, ...rules.schemas].map(({ name }) => name),
    },
    surplus: dialect.surplus,
    ownName: (name) => dialect.ownName(name),
    read: (turn) => ({ ...turn, toolCalls: turn.toolCalls.map((call) => dialect.read(call)) }),
  };
}

/** Names of the limit of output tokens. */
const LIMITS = ["max_tokens", "max_completion_tokens"] as const;

function limitIn(body: WireBody, name: string): Sent["limit"] {
  const value = body[name];
  return typeof value === "number" ? { name, value } : undefined;
}

function wireBody(
  request: LlmTurnRequest,
  options: WireOptions,
  dialect: ToolDialect,
  rules: readonly MessageRule[],
): WireBody {
  const { model, traits, stream, refused } = options;
  const { messages, params } = request;
  const { tools } = dialect;
  const plan = outputPlan(params, tools.length > 0, traits);
  const isHeld = plan.responseFormat !== undefined && !refused.has("response_format");
  const hint = isHeld || params.output_schema === undefined
    ? plan.hint
    : plan.hint ?? (plan.responseFormat && schemaHint(params.output_schema));
  const parameters = {
    ...furtherParameters(params),
    ...samplingParameters(params, traits),
    ...limitParameter(params, options),
    stop: traits.stop ? params.stop : undefined,
    parallel_tool_calls: traits.parallelSwitch && tools.length > 0
      ? params.parallel_tool_calls
      : undefined,
    response_format: plan.responseFormat,
    stream_options: stream ? { include_usage: true } : undefined,
  };
  return wellFormed({
    ...Object.fromEntries(
      Object.entries(parameters).filter(([name, value]) =>
        value !== undefined && value !== null && !refused.has(name)
      ),
    ),
    model,
    messages: mendedMessages(wireMessages(withHint(messages, hint), traits, dialect), rules),
    ...(tools.length === 0 ? {} : { tools }),
    stream,
  });
}

function samplingParameters({ temperature, top_p }: ModelParams, traits: Traits) {
  if (traits.sampling === "none") return {};
  const capped = temperature === undefined
    ? undefined
    : Math.min(temperature, traits.maxTemperature);
  const both = traits.sampling === "both" || temperature === undefined;
  return { temperature: capped, top_p: both ? top_p : undefined };
}

/** The limit of output tokens, by its other name where the endpoint has refused the first. */
function limitParameter(
  { max_tokens: wanted }: ModelParams,
  { traits, refused, tokensMax }: WireOptions,
) {
  const other = traits.limitName === "max_tokens" ? "max_completion_tokens" : "max_tokens";
  const name = refused.has(traits.limitName) ? other : traits.limitName;
  const most = Math.min(wanted ?? 0, tokensMax);
  return { [name]: most > 0 ? most : undefined };
}

/** What the vendor may know and we do not. */
function furtherParameters(params: ModelParams): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(params).filter(([name]) => !OURS.has(name) && !name.startsWith("_")),
  );
}

/** Writes a conversation. What tools answered with images follows them as a message of the user. */
function wireMessages(
  messages: readonly ChatMessage[],
  traits: Traits,
  dialect: ToolDialect,
): WireMessage[] {
  const written: WireMessage[] = [];
  let shown: WirePart[] = [];
  const show = () => {
    if (shown.length > 0) written.push({ role: "user", content: shown });
    shown = [];
  };
  for (const message of messages) {
    if (message.role !== "tool") show();
    const parts = typeof message.content === "string" || message.content === null
      ? undefined
      : message.content.map((part) => wirePart(part, traits));
    if (message.role === "tool" && parts !== undefined) {
      shown.push(...parts.filter((part) => !isTextPart(part)));
    }
    written.push(wireMessage(message, parts, traits, dialect));
  }
  show();
  return written;
}

function wireMessage(
  message: ChatMessage,
  parts: readonly WirePart[] | undefined,
  traits: Traits,
  dialect: ToolDialect,
): WireMessage {
  const { role, tool_calls: calls = [], tool_call_id, name } = message;
  const content = parts === undefined ? message.content : wireContent(role, parts);
  if (role === "tool") {
    return { role, tool_call_id: callId(tool_call_id ?? "", traits), content: content ?? "" };
  }
  return {
    role,
    content: calls.length > 0 ? content || null : content ?? "",
    ...(name === undefined || role === "assistant" ? {} : { name }),
    ...(calls.length === 0 ? {} : {
      tool_calls: calls.map((call) => {
        const { id, function: _, ...extra } = call;
        return {
          ...echoed(extra, traits),
          id: callId(id, traits),
          type: "function",
          function: dialect.written(call),
        };
      }),
    }),
    ...echoed(message, traits),
  };
}

function wireContent(role: string, parts: readonly WirePart[]): string | readonly WirePart[] {
  const texts = parts.filter(isTextPart).map(({ text }) => text);
  const others = parts.length - texts.length;
  // Only users may say anything but text; what tools show follows their answers.
  if (others === 0) return texts.join("\n");
  if (role === "user") return parts;
  return [...texts, `[${others} shown below]`].join("\n");
}

function echoed(fields: Readonly<Record<string, unknown>>, { echoes }: Traits) {
  return Object.fromEntries(
    echoes.filter((name) => fields[name] !== undefined).map((name) => [name, fields[name]]),
  );
}

/** Forms of ids of tool calls, and how long an id made for each is. */
const CALL_IDS: Readonly<Record<Traits["toolCallId"], readonly [form: RegExp, length: number]>> = {
  // OpenAI: "string too long. Expected a string with maximum length 40".
  short: [/^[\s\S]{1,40}$/, 40],
  // Claude docs, "Errors": tool_use.id; others' have dots and colons in them.
  word: [/^[A-Za-z0-9_-]{1,64}$/, 40],
  "nine-alphanumeric": [/^[A-Za-z0-9]{9}$/, 9],
};

/** An id of a tool call in the form an endpoint takes; the same id always becomes the same. */
function callId(id: string, { toolCallId }: Traits): string {
  const [form, length] = CALL_IDS[toolCallId];
  return form.test(id) ? id : createHash("sha256").update(id).digest("hex").slice(0, length);
}
