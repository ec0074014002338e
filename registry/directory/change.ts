/**
 * What of an agent's offer a change touches.
 *
 * @module
 */
import type { Entry } from "./entry.ts";

/**
 * The capabilities whose providers differ between two states of one agent. A change of address,
 * namespace, health or trust touches everything it offers; otherwise only the tools that differ count.
 */
export function changedCapabilities(
  before: Entry | undefined,
  after: Entry | undefined,
): Set<string> {
  const moved = before?.endpoint !== after?.endpoint ||
    before?.namespace !== after?.namespace || before?.status !== after?.status ||
    before?.suspect !== after?.suspect;
  const offeredBefore = offers(before);
  const offeredAfter = offers(after);
  const changed = new Set<string>();
  for (const capability of new Set([...offeredBefore.keys(), ...offeredAfter.keys()])) {
    if (moved || offeredBefore.get(capability) !== offeredAfter.get(capability)) {
      changed.add(capability);
    }
  }
  return changed;
}

/** Per capability, its tools written out. */
function offers(entry: Entry | undefined): Map<string, string> {
  const offered = new Map<string, string>();
  for (const { tool } of entry?.candidates ?? []) {
    const text = (offered.get(tool.capability) ?? "") + JSON.stringify(tool);
    offered.set(tool.capability, text);
  }
  return offered;
}
