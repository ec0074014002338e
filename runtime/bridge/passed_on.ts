/**
 * Members of an agent that speak for those of an MCP server: the same descriptions, and handlers that
 * hand every request on.
 *
 * @module
 */
import * as z from "zod";
import { forwardingOf } from "../define/ask.ts";
import type { Complete } from "../define/completion.ts";
import { MeshError } from "../base/errors.ts";
import type { HandlerContext } from "../define/handler_context.ts";
import { type Prompt, prompt } from "../define/prompt.ts";
import { mirrorsArguments } from "../protocol/mirrored_arguments.ts";
import { type Resource, resource } from "../define/resource.ts";
import type { Tool } from "../define/tool.ts";
import { questionsOf } from "./foreign_question.ts";
import type { RawPrompt, RawResource, RawTool } from "./raw_member.ts";
import { writeLine } from "./server_log.ts";
import type { SessionRequest } from "./session.ts";

/** Sends a request to the server. */
export type Send = (request: SessionRequest) => Promise<Record<string, unknown>>;

/** What the mesh is told of tools beside what the server says. */
export interface Labels {
  readonly tags: readonly string[];
  readonly version: string;
}

/** How often a server may have a request sent again without asking anything. */
const MOST_ROUNDS = 8;
/** How long a server may take to suggest values, in milliseconds. */
const COMPLETE_MS = 10_000;

/** A tool of a server. */
export function passedOnTool(raw: RawTool, { tags, version }: Labels, send: Send): Tool {
  const { name, title, description = "", inputSchema, outputSchema, annotations, ...rest } = raw;
  const mirrored = mirrorsArguments(inputSchema) ? inputSchema : undefined;
  return {
    capability: undefined,
    title,
    description,
    tags,
    version,
    input: z.looseObject({}),
    output: undefined,
    dependencies: {},
    annotations,
    kwargs: undefined,
    streams: false,
    verbatim: { inputSchema, outputSchema, listing: rest },
    handler: async (args, context) => {
      const request = { method: "tools/call", params: { name, arguments: args }, mirrored };
      return { content: [], ...await handOn(request, context, send) };
    },
  };
}

/** A prompt of a server. */
export function passedOnPrompt(raw: RawPrompt, completes: boolean, send: Send): Prompt {
  const { name, title, description, arguments: list = [] } = raw;
  const args = z.object(Object.fromEntries(list.map((argument) => {
    const { name, description, required } = argument;
    const text = description === undefined ? z.string() : z.string().describe(description);
    return [name, required === true ? text : text.optional()];
  })));
  const complete = completesWith({ type: "ref/prompt", name }, send);
  return prompt({
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    args,
    complete: completes ? Object.fromEntries(list.map(({ name }) => [name, complete(name)])) : {},
  }, async (args, context) => {
    const request = { method: "prompts/get", params: { name, arguments: args } };
    // Whatever a server answers; the runtime looks whether it is messages.
    return await handOn(request, context, send) as { messages: [] };
  });
}

/**
 * A resource of a server, or a template of resources.
 *
 * @throws {MeshError} `bad_definition` for a URI that is none.
 */
export function passedOnResource(raw: RawResource, completes: boolean, send: Send): Resource {
  const { name, title = name, description, mimeType, uri, uriTemplate } = raw;
  const complete = completesWith({ type: "ref/resource", uri: uriTemplate }, send);
  const made = resource({
    uri: uri ?? uriTemplate ?? "",
    title,
    ...(description === undefined ? {} : { description }),
    ...(mimeType === undefined ? {} : { mimeType }),
  }, async ({ uri }, context) => {
    const request = { method: "resources/read", params: { uri } };
    // Whatever a server answers; the runtime looks whether it is contents.
    return await handOn(request, context, send) as { contents: [] };
  });
  const names = completes ? made.variables : [];
  return { ...made, complete: Object.fromEntries(names.map((name) => [name, complete(name)])) };
}

/**
 * Hands a request on, with the caller's deadline, to whom progress, log lines and questions come back.
 * What the caller answers goes where the questions came from, and the server goes on from there.
 */
async function handOn(
  request: Pick<SessionRequest, "method" | "params" | "mirrored">,
  context: HandlerContext,
  send: Send,
): Promise<Record<string, unknown>> {
  const { signal, progress, log, client } = context;
  const { state, answers, ask } = forwardingOf(context);
  let params = state === undefined
    ? request.params
    // What this function gave to `ask`.
    : { ...request.params, inputResponses: answers, ...(state as Continuation) };
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const result = await send({
      ...request,
      params,
      signal,
      onProgress: (report) => progress(report.progress, report.total, report.message),
      onLog: (line) => writeLine(log, line),
      logLevel: client?.logLevel,
      capabilities: client?.capabilities,
    });
    if (result["resultType"] !== "input_required") return result;
    const { requestState } = result;
    const continuation: Continuation = requestState === undefined ? {} : { requestState };
    const questions = questionsOf(result["inputRequests"]);
    if (Object.keys(questions).length > 0) return await ask(questions, continuation);
    // It only wants to be asked again (MCP multi-round-trip requests).
    params = { ...request.params, ...continuation };
  }
  throw new MeshError("tool_failed", `the server put it off more than ${MOST_ROUNDS} times`);
}

/** What a server wants to have back with the answers. */
interface Continuation {
  readonly requestState?: unknown;
}

const Completed = z.object({ completion: z.object({ values: z.array(z.string()) }) });

function completesWith(
  ref: Record<string, unknown>,
  send: Send,
): (argument: string) => Complete {
  return (name) => async (value, others) => {
    const result = await send({
      method: "completion/complete",
      params: { ref, argument: { name, value }, context: { arguments: others } },
      signal: AbortSignal.timeout(COMPLETE_MS),
    });
    return Completed.safeParse(result).data?.completion.values ?? [];
  };
}
