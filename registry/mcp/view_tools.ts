/**
 * The tools of one view as MCP has them: listed page by page, called by name; in search mode, three
 * that stand for all.
 *
 * @module
 */
import { isObject, type JsonObject } from "../../runtime/base/json.ts";
import { SEARCH_TOOLS, searchModeCall, unknownTool } from "./search_mode.ts";
import type { CallMessages, ToolCall, ToolCalls } from "./tool_call.ts";
import type { ToolChanges } from "./tool_changes.ts";
import type { ToolListText, View } from "./view.ts";

/** What {@linkcode ViewTools} works with. */
export interface ViewToolsOptions {
  readonly view: View;
  readonly calls: ToolCalls;
  readonly changes: ToolChanges;
}

/** A call by name. */
export type NamedCall = Omit<ToolCall, "offered" | "isListed">;

const SEARCH_LIST: ToolListText = { tools: JSON.stringify(SEARCH_TOOLS) };

/** The tools of one view. */
export class ViewTools {
  readonly #options: ViewToolsOptions;

  constructor(options: ViewToolsOptions) {
    this.#options = options;
  }

  /** A page of the list; `undefined` when the cursor is none of its own. */
  list(cursor: string | undefined): ToolListText | undefined {
    const { view } = this.#options;
    if (!view.query.search) return view.page(cursor);
    return cursor === undefined ? SEARCH_LIST : undefined;
  }

  /** Whether a call of this name leads to a tool, as far as is known here. */
  has(params: JsonObject): boolean {
    const { view } = this.#options;
    const { name, arguments: args } = params;
    const meant = view.query.search && name === "call_tool" && isObject(args) ? args["name"] : name;
    return typeof meant === "string" && view.find(meant) !== undefined;
  }

  /**
   * Calls a tool.
   *
   * @returns `undefined` when there is none of that name.
   */
  call(call: NamedCall): CallMessages | undefined {
    const { view, calls } = this.#options;
    const { name, arguments: args } = call.params;
    if (typeof name !== "string") return undefined;
    if (view.query.search) {
      const found = searchModeCall(view, name, args);
      if (found === undefined) return undefined;
      if ("result" in found) return known(found.result);
      const { offered, arguments: given } = found;
      const params = { ...call.params, arguments: given };
      return calls.call({ ...call, offered, params, isListed: false });
    }
    const offered = view.find(name);
    if (offered !== undefined) return calls.call({ ...call, offered, isListed: true });
    // Who knows it by a name that others have now too is told so.
    return view.namesSharing(name).length > 0 ? known(unknownTool(view, name)) : undefined;
  }

  /** Calls `listener` when the list has changed, until what it returns is called. */
  onChange(listener: () => void): () => void {
    return this.#options.changes.listen(this.#options.view, listener);
  }
}

// deno-lint-ignore require-yield -- there is nothing to say before the result
async function* known(result: JsonObject): CallMessages {
  return await Promise.resolve({ result });
}
