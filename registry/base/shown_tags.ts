/**
 * Tag selectors as the registry shows them. Pure.
 *
 * @module
 */
import type { TagSelector } from "../../runtime/protocol/registration.ts";

/** The tags a dependency asks for, apart by kind; absent where there are none. */
export interface ShownTags {
  readonly tags?: string[];
  readonly tag_groups?: string[][];
}

/**
 * Single tags and groups apart: the reference shows single tags only, and its command line takes a list
 * that has anything else for no answer at all.
 */
export function shownTags(selectors: readonly TagSelector[]): ShownTags {
  const tags = selectors.filter((selector) => typeof selector === "string");
  const tag_groups = selectors.filter((selector) => typeof selector !== "string");
  return { ...(tags.length > 0 && { tags }), ...(tag_groups.length > 0 && { tag_groups }) };
}
