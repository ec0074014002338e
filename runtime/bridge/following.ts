/**
 * Keeps the members of an agent as the MCP server behind it lists its own.
 *
 * @module
 */
import type * as z from "zod";
import type { Agent } from "../define/agent.ts";
import { errorText, isMeshError } from "../base/errors.ts";
import type { Logger } from "../define/handler_context.ts";
import { isPlain } from "../base/json_form.ts";
import type { MemberSet } from "../define/member_set.ts";
import { mirroringFault, mirrorsArguments } from "../protocol/mirrored_arguments.ts";
import { asNumbers } from "../base/exact_json.ts";
import { parseVersion } from "../protocol/resolve/version.ts";
import { ForeignOutputs } from "./foreign_output.ts";
import { passedOnPrompt, passedOnResource, passedOnTool, type Send } from "./passed_on.ts";
import { RawPromptSchema, RawResourceSchema, type RawTool, RawToolSchema } from "./raw_member.ts";
import type { Session } from "./session.ts";
import { cutText } from "../base/cut_text.ts";

/** What {@linkcode Following} needs. */
export interface FollowingOptions {
  readonly agent: Agent;
  readonly send: Send;
  /** Of every tool. */
  readonly tags: readonly string[];
  /** Of every tool; the server's own when absent. */
  readonly version: string | undefined;
  readonly log: Logger;
}

/** A member as the server lists it. */
interface Wanted<T> {
  readonly name: string;
  /** Changes when the member does. */
  readonly text: string;
  make(): T;
}

/** The members of one agent. */
export class Following {
  readonly #options: FollowingOptions;
  readonly #shown = {
    tools: new Map<string, string>(),
    prompts: new Map<string, string>(),
    resources: new Map<string, string>(),
  };
  #reading: Promise<void> | undefined;
  #readAgain = false;

  constructor(options: FollowingOptions) {
    this.#options = options;
  }

  /**
   * Reads what a server lists, and follows its changes from there.
   *
   * @throws {MeshError} As `Session.list`.
   */
  async read(session: Session): Promise<void> {
    const [tools, prompts, resources] = await Promise.all([
      this.#tools(session),
      this.#prompts(session),
      this.#resources(session),
    ]);
    const { agent } = this.#options;
    this.#reconcile(agent.tools, this.#shown.tools, tools);
    this.#reconcile(agent.prompts, this.#shown.prompts, prompts);
    this.#reconcile(agent.resources, this.#shown.resources, resources.members);
    session.follow(resources.uris);
  }

  /** Reads again, now or when the reading under way is done. Never throws. */
  async refresh(session: Session): Promise<void> {
    this.#readAgain = true;
    await (this.#reading ??= this.#refresh(session).finally(() => this.#reading = undefined));
  }

  async #refresh(session: Session): Promise<void> {
    const { log } = this.#options;
    while (this.#readAgain) {
      this.#readAgain = false;
      try {
        await this.read(session);
      } catch (error) {
        log.warn(`its lists cannot be read again: ${errorText(error)}`);
      }
    }
  }

  async #tools(session: Session): Promise<Wanted<ReturnType<typeof passedOnTool>>[]> {
    if (!session.has("tools")) return [];
    const { tags, send, version: own } = this.#options;
    const said = session.server.version ?? "";
    const version = own ?? (parseVersion(said) === undefined ? "1.0.0" : said);
    const raws = this.#understood(
      RawToolSchema,
      await session.list("tools/list", "tools"),
      "tool",
    );
    const outputs = new ForeignOutputs(!session.isModern);
    return raws.filter((raw) => this.#isCallable(raw, session)).map((raw) => ({
      name: raw.name,
      text: JSON.stringify([raw, version]),
      make: () => passedOnTool(this.#withReadable(raw, outputs), { tags, version }, send),
    }));
  }

  /** A tool with its output schema, if clients can read that. */
  #withReadable(raw: RawTool, outputs: ForeignOutputs): RawTool {
    const { outputSchema, ...rest } = raw;
    if (outputSchema === undefined) return raw;
    try {
      return { ...raw, outputSchema: outputs.read(outputSchema) };
    } catch (error) {
      const { name } = raw;
      this.#options.log.warn(`the output schema of ${name} is left out: ${errorText(error)}`);
      return { ...rest, name };
    }
  }

  /** Whether a call of a tool can come to anything; what is left out is said. */
  #isCallable(raw: RawTool, { mirrors }: Session): boolean {
    const fault = raw.execution?.taskSupport === "required"
      ? "it wants to be called as a task, which agents do not do"
      : mirrors
      ? mirroringFaultOf(raw)
      : undefined;
    if (fault === undefined) return true;
    this.#options.log.warn(`${raw.name} of the server is left out: ${fault}`);
    return false;
  }

  async #prompts(session: Session): Promise<Wanted<ReturnType<typeof passedOnPrompt>>[]> {
    if (!session.has("prompts")) return [];
    const completes = session.has("completions");
    const list = await this.#perhaps(session.list("prompts/list", "prompts"));
    return this.#understood(RawPromptSchema, list, "prompt").map((raw) => ({
      name: raw.name,
      text: JSON.stringify([raw, completes]),
      make: () => passedOnPrompt(raw, completes, this.#options.send),
    }));
  }

  async #resources(session: Session) {
    if (!session.has("resources")) return { members: [], uris: [] };
    const completes = session.has("completions");
    const [resources, templates] = await Promise.all([
      this.#perhaps(session.list("resources/list", "resources")),
      this.#perhaps(session.list("resources/templates/list", "resourceTemplates")),
    ]);
    const raws = this.#understood(RawResourceSchema, [...resources, ...templates], "resource");
    const members = raws.map((raw) => ({
      name: raw.name,
      text: JSON.stringify([raw, completes]),
      make: () => passedOnResource(raw, completes, this.#options.send),
    }));
    return { members, uris: raws.flatMap(({ uri }) => uri ?? []) };
  }

  /** A list that a server may lack though it announced what would be in it. */
  async #perhaps(list: Promise<unknown[]>): Promise<unknown[]> {
    try {
      return await list;
    } catch (error) {
      if (!isMeshError(error, "not_found")) throw error;
      this.#options.log.debug(`a list of the server is missing: ${error.message}`);
      return [];
    }
  }

  #understood<S extends z.ZodType>(
    schema: S,
    list: readonly unknown[],
    kind: string,
  ): z.output<S>[] {
    return list.flatMap((item) => {
      const leftOut = (why: string) => {
        this.#options.log.warn(`a ${kind} of the server is left out, it ${why}`);
        return [];
      };
      if (!isPlain(item)) return leftOut(`is nested too deep or too long: ${nameOf(item)}`);
      const parsed = schema.safeParse(asNumbers(item));
      if (parsed.success) return [parsed.data];
      return leftOut(`is not valid MCP: ${cutText(JSON.stringify(item) ?? "", 200)}`);
    });
  }

  /** What has not changed stays: the mesh is told of every member that goes or comes. */
  #reconcile<T>(
    members: MemberSet<T>,
    shown: Map<string, string>,
    listed: readonly Wanted<T>[],
  ): void {
    const wanted = named(listed);
    for (const [name, text] of shown) {
      if (wanted.get(name)?.text === text) continue;
      members.remove(name);
      shown.delete(name);
    }
    for (const [name, { text, make }] of wanted) {
      if (shown.has(name)) continue;
      try {
        members.add(name, make());
        shown.set(name, text);
      } catch (error) {
        this.#options.log.warn(`${name} of the server is left out: ${errorText(error)}`);
      }
    }
  }
}

/** The name of what cannot be shown whole, if it has one. */
function nameOf(item: unknown): string {
  const { name }: { readonly name?: unknown } = Object(item);
  return typeof name === "string" ? cutText(name, 200) : "it has no name";
}

/** Why arguments cannot be repeated as a tool says: then it must not be called (MCP `x-mcp-header`). */
function mirroringFaultOf({ inputSchema }: RawTool): string | undefined {
  return mirrorsArguments(inputSchema) ? mirroringFault(inputSchema) : undefined;
}

/** Members under names an agent's may have, each its own. */
function named<T>(listed: readonly Wanted<T>[]): Map<string, Wanted<T>> {
  const wanted = new Map<string, Wanted<T>>();
  for (const member of listed) {
    const plain = member.name.replaceAll(/[^A-Za-z0-9_.-]+/g, "_").slice(0, 120);
    let name = plain;
    for (let number = 2; wanted.has(name); number++) name = `${plain}_${number}`;
    wanted.set(name, member);
  }
  return wanted;
}
