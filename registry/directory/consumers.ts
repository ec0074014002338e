/**
 * Who depends on which capability: the index that lets a change wake only those it concerns.
 *
 * @module
 */
import { isObject } from "../../runtime/base/json.ts";
import type { Tool } from "../../runtime/protocol/registration.ts";
import type { Entry } from "./entry.ts";

/** Agents by the capabilities their tools ask for. */
export class Consumers {
  readonly #byCapability = new Map<string, Set<Entry>>();
  readonly #ofAnything = new Set<Entry>();

  /** Takes an agent into the index. */
  add(entry: Entry): void {
    for (const tool of entry.tools) {
      for (const capability of wantedBy(tool)) {
        const consumers = this.#byCapability.get(capability);
        if (consumers === undefined) this.#byCapability.set(capability, new Set([entry]));
        else consumers.add(entry);
      }
      if (wantsAnything(tool)) this.#ofAnything.add(entry);
    }
  }

  /** Takes an agent out of the index. */
  delete(entry: Entry): void {
    this.#ofAnything.delete(entry);
    for (const capability of entry.tools.flatMap(wantedBy)) {
      const consumers = this.#byCapability.get(capability);
      consumers?.delete(entry);
      if (consumers?.size === 0) this.#byCapability.delete(capability);
    }
  }

  /**
   * The agents whose wiring a change of these capabilities may alter: those asking for one of
   * them, for one whose tools become available or unavailable because they require one of them,
   * however far, and those whose language model may be offered anything.
   */
  concernedBy(changed: Iterable<string>): Set<Entry> {
    const capabilities = new Set(changed);
    if (capabilities.size === 0) return new Set();
    const concerned = new Set(this.#ofAnything);
    // A set yields what is added while it is walked, so this walks the closure.
    for (const capability of capabilities) {
      for (const entry of this.#byCapability.get(capability) ?? []) {
        concerned.add(entry);
        for (const tool of entry.tools) {
          if (tool.capability !== "" && requires(tool, capability)) {
            capabilities.add(tool.capability);
          }
        }
      }
    }
    return concerned;
  }
}

function requires(tool: Tool, capability: string): boolean {
  return tool.dependencies.some((one) => one.required && one.capability === capability);
}

function wantedBy(tool: Tool): string[] {
  const wanted = tool.dependencies.map(({ capability }) => capability);
  if (tool.llm_provider) wanted.push(tool.llm_provider.capability);
  for (const item of filterItems(tool)) {
    const capability = capabilityOf(item);
    if (capability !== undefined) wanted.push(capability);
  }
  return wanted;
}

function wantsAnything(tool: Tool): boolean {
  return tool.llm_filter?.filter_mode === "*" ||
    filterItems(tool).some((item) => item === "*" || capabilityOf(item) === undefined);
}

function filterItems(tool: Tool): readonly unknown[] {
  const filter = tool.llm_filter?.filter;
  return Array.isArray(filter) ? filter : [];
}

function capabilityOf(item: unknown): string | undefined {
  if (typeof item === "string") return item;
  if (!isObject(item) || !("capability" in item)) return undefined;
  return typeof item.capability === "string" && item.capability !== ""
    ? item.capability
    : undefined;
}
