/**
 * What calls of `/mcp` read off a manifest, once each.
 *
 * @module
 */
import type { AgentManifest } from "../define/manifest.ts";
import { mirrorsArguments } from "../protocol/mirrored_arguments.ts";
import { listedOutput } from "../protocol/schema/listed.ts";
import { listings } from "./agent_server.ts";
import { serverInfo } from "./whole_answer.ts";

/** The tool lists of an agent. */
export class ToolLists {
  #of: AgentManifest | undefined;
  #legacy: string | undefined;
  #modern: string | undefined;
  #headed: ReadonlySet<string> = new Set();
  #wrapped: ReadonlySet<string> = new Set();
  #passedOn: ReadonlySet<string> = new Set();

  /** The result of `tools/list`, as JSON text. */
  of(manifest: AgentManifest, isModern: boolean): string {
    this.#look(manifest);
    return isModern
      ? this.#modern ??= listJson(manifest, true)
      : this.#legacy ??= listJson(manifest, false);
  }

  /** Whether a tool has arguments that requests of the modern era repeat in headers. */
  hasHeaders(manifest: AgentManifest, tool: string): boolean {
    this.#look(manifest);
    return this.#headed.has(tool);
  }

  /** Whether every value of a tool travels within an object; see {@linkcode listedOutput}. */
  wraps(manifest: AgentManifest, tool: string): boolean {
    this.#look(manifest);
    return this.#wrapped.has(tool);
  }

  /** Whether a tool is somebody else's, whose arguments are passed on as they are. */
  isPassedOn(manifest: AgentManifest, tool: string): boolean {
    this.#look(manifest);
    return this.#passedOn.has(tool);
  }

  #look(manifest: AgentManifest): void {
    if (this.#of === manifest) return;
    this.#of = manifest;
    this.#legacy = undefined;
    this.#modern = undefined;
    const headed = manifest.tools.filter(({ inputSchema }) => mirrorsArguments(inputSchema));
    this.#headed = new Set(headed.map(({ name }) => name));
    const wrapped = manifest.tools.filter(({ outputSchema }) =>
      outputSchema !== undefined && listedOutput(outputSchema).wraps
    );
    this.#wrapped = new Set(wrapped.map(({ name }) => name));
    const passedOn = manifest.tools.filter(({ listing }) => listing !== undefined);
    this.#passedOn = new Set(passedOn.map(({ name }) => name));
  }
}

function listJson(manifest: AgentManifest, isModern: boolean): string {
  const tools = JSON.stringify(listings(manifest).tools);
  return isModern
    ? `{"tools":${tools},"resultType":"complete","ttlMs":0,"cacheScope":"private","_meta":{${
      serverInfo(manifest)
    }}}`
    : `{"tools":${tools}}`;
}
