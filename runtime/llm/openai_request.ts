/**
 * A turn as the body of a chat completions request, within what an endpoint takes. Pure.
 *
 * @module
 */
import { createHash } from "node:crypto";
import {
  type ChatMessage,
  type ChatTool,
  type ModelParams,
  ModelParamsSchema,
} from "./contract.ts";
import { boundedJson } from "../protocol/bounded_json.ts";
import type { LlmTurnRequest } from "./engine.ts";
import { isTextPart, type WirePart, wirePart } from "./wire_part.ts";
import { outputPlan, schemaHint, withHint } from "./structured_output.ts";
import { openApiSchema } from "./tool_schema.ts";
import type { Traits } from "./vendors.ts";

/** How a request is to be written. */
export interface WireOptions {
  /** What the endpoint calls the model. */
  readonly model: string;
  readonly traits: Traits;
  readonly stream: boolean;
  /** Parameters the endpoint has refused before; they are left out. */
  readonly refused: ReadonlySet<string>;
}

/** A request's body. */
export type WireBody = Record<string, unknown> & {
  readonly model: string;
  readonly messages: readonly Record<string, unknown>[];
};

/** Parameters that an endpoint may refuse without the request losing its sense. */
export function isOptional(parameter: string): boolean {
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
export function wireBody(request: LlmTurnRequest, options: WireOptions): WireBody {
  const { model, traits, stream, refused } = options;
  const { messages, tools, params } = request;
  const plan = outputPlan(params, tools.length > 0, traits);
  const isHeld = plan.responseFormat !== undefined && !refused.has("response_format");
  const hint = isHeld || params.output_schema === undefined
    ? plan.hint
    : plan.hint ?? (plan.responseFormat && schemaHint(params.output_schema));
  const parameters = {
    ...furtherParameters(params),
    ...samplingParameters(params, traits),
    ...limitParameter(params, traits, refused),
    stop: traits.stop ? params.stop : undefined,
    parallel_tool_calls: traits.parallelSwitch && tools.length > 0
      ? params.parallel_tool_calls
      : undefined,
    response_format: plan.responseFormat,
    stream_options: stream ? { include_usage: true } : undefined,
  };
  return {
    ...Object.fromEntries(
      Object.entries(parameters).filter(([name, value]) =>
        value !== undefined && value !== null && !refused.has(name)
      ),
    ),
    model,
    messages: wireMessages(withHint(messages, hint), traits),
    ...(tools.length === 0 ? {} : { tools: tools.map((tool) => wireTool(tool, traits)) }),
    stream,
  };
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
function limitParameter({ max_tokens }: ModelParams, traits: Traits, refused: ReadonlySet<string>) {
  const other = traits.limitName === "max_tokens" ? "max_completion_tokens" : "max_tokens";
  return { [refused.has(traits.limitName) ? other : traits.limitName]: max_tokens };
}

/** What the vendor may know and we do not. */
function furtherParameters(params: ModelParams): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(params).filter(([name]) => !OURS.has(name) && !name.startsWith("_")),
  );
}

function wireTool({ function: { name, description, parameters } }: ChatTool, traits: Traits) {
  const { $schema: _, ...schema } = parameters;
  return {
    type: "function",
    function: {
      name,
      ...(description === undefined ? {} : { description }),
      parameters: traits.toolSchemas === "openapi" ? openApiSchema(schema) : schema,
    },
  };
}

/** Writes a conversation. What tools answered with images follows them as a message of the user. */
function wireMessages(
  messages: readonly ChatMessage[],
  traits: Traits,
): Record<string, unknown>[] {
  const written: Record<string, unknown>[] = [];
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
    written.push(wireMessage(message, parts, traits));
  }
  show();
  return written;
}

function wireMessage(
  message: ChatMessage,
  parts: readonly WirePart[] | undefined,
  traits: Traits,
): Record<string, unknown> {
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
      tool_calls: calls.map(({ id, function: called, ...extra }) => ({
        ...echoed(extra, traits),
        id: callId(id, traits),
        type: "function",
        function: { name: called.name, arguments: validJson(called.arguments) },
      })),
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

/** An id of a tool call in the form an endpoint takes; the same id always becomes the same. */
function callId(id: string, { toolCallId }: Traits): string {
  if (toolCallId === "any" || /^[A-Za-z0-9]{9}$/.test(id)) return id;
  return createHash("sha256").update(id).digest("hex").slice(0, 9);
}

/** Models see their own arguments again, and endpoints refuse what is not JSON. */
function validJson(text: string): string {
  try {
    boundedJson(text);
    return text;
  } catch {
    return "{}";
  }
}
