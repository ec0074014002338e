/**
 * Tools as `tools/list` shows them (MCP server/tools), page by page. Pure, but for remembering the
 * text of each tool.
 *
 * @module
 */
import { isObject } from "../../runtime/base/json.ts";
import type { Tool } from "../../runtime/protocol/registration.ts";
import {
  listedAnnotations,
  listedInput,
  listedOutput,
} from "../../runtime/protocol/schema/listed.ts";
import type { OfferedTool } from "./catalog.ts";

/** Most tools of a page. */
export const PAGE_MAX = 250;

/** One page. */
export interface ToolPage {
  readonly tools: readonly OfferedTool[];
  /** Where the next one begins; absent on the last. */
  readonly nextCursor?: string;
}

/**
 * A page of tools in order of their names. It goes on after the last name of the one before: tools
 * that come and go meanwhile neither repeat nor hide others.
 *
 * @param cursor Of the page before.
 * @returns `undefined` when the cursor is none of ours.
 */
export function toolPage(
  tools: readonly OfferedTool[],
  cursor: string | undefined,
): ToolPage | undefined {
  const after = cursor === undefined ? "" : readCursor(cursor);
  if (after === undefined) return undefined;
  const left = after === "" ? tools : tools.slice(tools.findLastIndex(isUpTo(after)) + 1);
  const page = left.slice(0, PAGE_MAX);
  const last = page.at(-1);
  return left.length > page.length && last !== undefined
    ? { tools: page, nextCursor: cursorAfter(last.name) }
    : { tools: page };
}

function isUpTo(after: string): (tool: OfferedTool) => boolean {
  return ({ name }) => name <= after;
}

function cursorAfter(name: string): string {
  return new TextEncoder().encode(name).toBase64({ alphabet: "base64url", omitPadding: true });
}

function readCursor(cursor: string): string | undefined {
  try {
    const bytes = Uint8Array.fromBase64(cursor, { alphabet: "base64url" });
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes) || undefined;
  } catch {
    return undefined;
  }
}

/** The texts of tools, each written once while its agent stays registered as it is. */
export class ToolTexts {
  readonly #texts = new WeakMap<Tool, string>();

  /** A tool as JSON. */
  of(offered: OfferedTool): string {
    const { name, tool } = offered;
    let rest = this.#texts.get(tool);
    if (rest === undefined) {
      const { name: _, ...members } = listedTool(offered);
      this.#texts.set(tool, rest = JSON.stringify(members).slice(1));
    }
    return `{"name":${JSON.stringify(name)},${rest}`;
  }
}

/** A tool as listed. */
export function listedTool({ name, agent, tool, providers: [provider] }: OfferedTool) {
  const { title, description, inputSchema, outputSchema, annotations } = tool;
  const { capability, version, tags } = tool;
  // Clients refuse a result that lacks what the output schema promises, and agents of other runtimes
  // do not always send it.
  const keepsPromise = provider?.runtime === "deno";
  const output = isObject(outputSchema) && keepsPromise
    ? listedOutput(outputSchema).schema
    : undefined;
  return {
    name,
    ...(title && { title }),
    description,
    inputSchema: listedInput(inputSchema ?? {}),
    ...(output && { outputSchema: output }),
    ...(isObject(annotations) && { annotations: listedAnnotations(annotations) }),
    _meta: {
      "mesh/agent": agent,
      "mesh/capability": capability,
      "mesh/version": version,
      "mesh/tags": tags,
    },
  };
}
