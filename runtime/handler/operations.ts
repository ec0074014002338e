/**
 * What an agent's code answers, looked up by key: how its input is read, its handler, and how what
 * the handler returns goes over the wire. On the side of the agent's code.
 *
 * @module
 */
import * as z from "zod";
import { isAgent } from "../define/agent.ts";
import { collectionOf, collectionTo } from "../define/collected.ts";
import { MeshError } from "../base/errors.ts";
import { type Gateway, isGateway } from "../define/gateway.ts";
import type { RequestParts } from "../base/parts.ts";
import { keyText, promptKey, resourceKey } from "../define/manifest.ts";
import type { LlmDefinition, LlmSettings } from "../define/llm.ts";
import type { PromptSources } from "../define/prompt_files.ts";
import type { PromptTemplate, Templates } from "../llm/chat/templates.ts";
import { encodeContents } from "../boundary/contents.ts";
import { encodeMessages } from "../boundary/messages.ts";
import { encodeOutcome, isReadyMade, type Outcome, passedOn } from "../boundary/result.ts";
import type { CallToolResult } from "../protocol/mcp_content.ts";
import type { Prompt } from "../define/prompt.ts";
import type { Resource } from "../define/resource.ts";
import type { Tool } from "../define/tool.ts";
import type { Servable } from "../define/servable.ts";
import { withinCall } from "./otel.ts";
import { checkValue } from "./check_value.ts";
import { givesOnlyJson } from "./only_json.ts";
import type { CallEnvironment } from "../boundary/host.ts";
import { runOperation } from "./run_operation.ts";
import { runRoute } from "./run_route.ts";
import type { Chunks, Operation } from "./operation.ts";

/** The operations of one agent, each made once. */
export class Operations {
  readonly #of: Servable;
  readonly #routes: Gateway["routes"] | undefined;
  readonly #made = new WeakMap<Tool | Prompt | Resource, Operation>();

  readonly #templates: Templates;
  #settings: LlmSettings | undefined;

  constructor(of: Servable, templates: Templates) {
    this.#of = of;
    this.#routes = isGateway(of) ? of.routes : undefined;
    this.#templates = templates;
  }

  /**
   * Makes the language models of the tools ready: compiles their prompts.
   *
   * @param sources Their files, and what these include.
   * @param settings What beats their declarations.
   * @throws {MeshError} `bad_definition`, with the place and what is wrong.
   */
  async prepare(sources: PromptSources, settings: LlmSettings | undefined): Promise<void> {
    this.#settings = settings;
    await this.#templates.provide(sources);
    if (!isAgent(this.#of)) return;
    for (const key of this.#of.tools.list().keys()) {
      const { llm } = this.of(key);
      if (llm?.system !== undefined) await llm.templates.check(llm.system);
    }
  }

  /**
   * Runs an operation or a route once.
   *
   * @throws {MeshError} See `Host.invoke`.
   */
  run(key: string, args: unknown, environment: CallEnvironment): Promise<Outcome> {
    const route = this.#routes?.get(key);
    const run = route === undefined
      ? this.#runOf(key, args, environment)
      // The trusted side asks for a route with the parts of a request.
      : () => runRoute(key, route, args as RequestParts, environment);
    return withinCall(environment, run);
  }

  /**
   * The operation a key of the agent's manifest stands for.
   *
   * @throws {MeshError} `not_found`.
   */
  of(key: string): Operation {
    if (!isAgent(this.#of)) throw this.#unknown(key);
    const { tools, prompts, resources } = this.#of;
    const tool = tools.list().get(key);
    if (tool !== undefined) {
      return this.#once(tool, () => ({ ...ofTool(key, tool), ...this.#llmOf(key, tool) }));
    }
    for (const [name, prompt] of prompts.list()) {
      if (promptKey(name) === key) return this.#once(prompt, () => ofPrompt(name, prompt));
    }
    for (const [name, resource] of resources.list()) {
      if (resourceKey(name) === key) return this.#once(resource, () => ofResource(name, resource));
    }
    throw this.#unknown(key);
  }

  /** @throws {MeshError} `not_found`, before anything runs. */
  #runOf(key: string, args: unknown, environment: CallEnvironment): () => Promise<Outcome> {
    const operation = this.of(key);
    return () => runOperation(operation, args, environment);
  }

  #unknown(key: string): MeshError {
    return new MeshError("not_found", `agent "${this.#of.name}" has no ${keyText(key)}`);
  }

  #llmOf(name: string, { llm, promptFile, streams }: Tool): Pick<Operation, "llm"> {
    if (llm === undefined) return {};
    return {
      llm: {
        definition: llm,
        caller: `${this.#of.name}.${name}`,
        system: systemOf(name, llm, promptFile),
        templates: this.#templates,
        settings: this.#settings,
        streams,
      },
    };
  }

  #once(member: Tool | Prompt | Resource, make: () => Operation): Operation {
    let operation = this.#made.get(member);
    if (operation === undefined) this.#made.set(member, operation = make());
    return operation;
  }
}

function systemOf(
  name: string,
  { system }: LlmDefinition,
  file: string | undefined,
): PromptTemplate | undefined {
  if (file !== undefined) return { file };
  return system === undefined ? undefined : { text: system, name: `"system" of tool ${name}` };
}

function ofTool(name: string, tool: Tool): Operation {
  const { input, output, dependencies, handler, verbatim } = tool;
  const isOnlyJson = output !== undefined && givesOnlyJson(output);
  return {
    name,
    input,
    dependencies,
    complete: {},
    handler,
    chunks: chunksOf(name, tool),
    encode(returned) {
      // Whoever declares a tool verbatim vouches for its results.
      if (verbatim !== undefined) return passedOn(returned as CallToolResult);
      if (output === undefined || isReadyMade(returned)) return encodeOutcome(returned);
      const checked = checkValue(output, returned, "bad_output", `result of ${name}`);
      return encodeOutcome(checked, isOnlyJson);
    },
  };
}

function chunksOf(name: string, { chunk, output }: Tool): Chunks {
  if (chunk === undefined) {
    const collection = () => output && collectionTo(output);
    return { isRequired: false, collection, read: (value) => value };
  }
  return {
    isRequired: true,
    collection: () => collectionOf(chunk),
    read: (value, number) => checkValue(chunk, value, "bad_output", `chunk ${number} of ${name}`),
  };
}

function ofPrompt(name: string, { input, dependencies, complete, handler }: Prompt): Operation {
  return { name, input, dependencies, complete, handler, encode: encodeMessages };
}

function ofResource(name: string, resource: Resource): Operation {
  const { variables, dependencies, complete, handler, mimeType } = resource;
  const text = z.string();
  const input = z.object(Object.fromEntries(["uri", ...variables].map((name) => [name, text])));
  return {
    name,
    input,
    dependencies,
    complete,
    handler,
    // The input is what `input` parsed.
    encode: (returned, asked) => encodeContents(returned, (asked as { uri: string }).uri, mimeType),
  };
}
