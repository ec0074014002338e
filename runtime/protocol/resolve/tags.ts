/**
 * Tag selectors: what a consumer asks of a provider's tags, and how well a provider answers.
 *
 * A selector list is compiled once per dependency, then scored against every candidate without
 * allocating. Tags are compared exactly: no case folding, no Unicode normalisation.
 *
 * @module
 */
import type { TagSelector } from "../registration.ts";

/** Points for a required tag, or for an OR group met by a plain member. */
const REQUIRED_POINTS = 5;
/** Points for a preferred tag, or for an OR group met by a `+` member. */
const PREFERRED_POINTS = 10;

/** One tag with its operator taken off. */
interface SingleTag {
  readonly kind: "required" | "preferred" | "excluded";
  readonly tag: string;
}

/** An OR group: one of the plain or preferred members must be there, none of the excluded. */
interface TagGroup {
  readonly kind: "group";
  /** The members as the consumer wrote them, for the reason of a rejection. */
  readonly members: readonly string[];
  readonly plain: readonly string[];
  readonly preferred: readonly string[];
  readonly excluded: readonly string[];
}

/** A compiled selector list, in declared order; selectors that can neither score nor reject are gone. */
export type TagQuery = readonly (SingleTag | TagGroup)[];

/** Why a provider's tags were refused, in the words of the audit trail. */
export interface TagRejection {
  readonly reason: "MissingTag" | "ExtraTagDisallowed";
  readonly details:
    | { readonly missing: readonly string[] }
    | { readonly missing_one_of: readonly string[] }
    | { readonly disallowed: readonly string[] };
}

/** What {@linkcode tagScore} answers for a provider that does not qualify. */
export const REJECTED = -1;

function parseSingle(selector: string): SingleTag | undefined {
  const operator = selector[0];
  if (operator !== "+" && operator !== "-") {
    return selector === "" ? undefined : { kind: "required", tag: selector };
  }
  if (selector.length === 1) return undefined;
  return { kind: operator === "+" ? "preferred" : "excluded", tag: selector.slice(1) };
}

function parseGroup(members: readonly string[]): TagGroup | undefined {
  const singles = members.flatMap((member) => parseSingle(member) ?? []);
  if (singles.length === 0) return undefined;
  const tagsOf = (kind: SingleTag["kind"]) =>
    singles.flatMap((single) => single.kind === kind ? [single.tag] : []);
  return {
    kind: "group",
    members,
    plain: tagsOf("required"),
    preferred: tagsOf("preferred"),
    excluded: tagsOf("excluded"),
  };
}

/**
 * Compiles selectors for {@linkcode tagScore}.
 *
 * The first character is always an operator when it is `+` or `-`, so a provider's literal tag
 * `+x` is asked for as `++x`. Empty selectors, a bare `+` or `-` and groups made of nothing else
 * are dropped.
 */
export function parseTags(selectors: readonly TagSelector[]): TagQuery {
  return selectors.flatMap((selector) =>
    (typeof selector === "string" ? parseSingle(selector) : parseGroup(selector)) ?? []
  );
}

/** How many tags a query names. */
export function tagCount(query: TagQuery): number {
  let count = 0;
  for (const item of query) count += item.kind === "group" ? item.members.length : 1;
  return count;
}

function hasAny(tags: readonly string[], wanted: readonly string[]): boolean {
  for (const tag of wanted) if (tags.includes(tag)) return true;
  return false;
}

function groupScore(group: TagGroup, tags: readonly string[]): number {
  if (hasAny(tags, group.excluded)) return REJECTED;
  if (hasAny(tags, group.preferred)) return PREFERRED_POINTS;
  return hasAny(tags, group.plain) ? REQUIRED_POINTS : REJECTED;
}

function itemScore(item: SingleTag | TagGroup, tags: readonly string[]): number {
  switch (item.kind) {
    case "required":
      return tags.includes(item.tag) ? REQUIRED_POINTS : REJECTED;
    case "preferred":
      return tags.includes(item.tag) ? PREFERRED_POINTS : 0;
    case "excluded":
      return tags.includes(item.tag) ? REJECTED : 0;
    case "group":
      return groupScore(item, tags);
  }
}

/**
 * How well a provider's tags answer the query.
 *
 * @returns The score, 0 or more, or {@linkcode REJECTED}. A group adds one score, not a sum.
 */
export function tagScore(query: TagQuery, tags: readonly string[]): number {
  let total = 0;
  for (const item of query) {
    const score = itemScore(item, tags);
    if (score === REJECTED) return REJECTED;
    total += score;
  }
  return total;
}

/**
 * Why {@linkcode tagScore} refused: all tags that are excluded, else all that are missing, else the first
 * group that is not met.
 *
 * @returns `undefined` when the tags qualify.
 */
export function tagRejection(query: TagQuery, tags: readonly string[]): TagRejection | undefined {
  const rejecting = query.filter((item) => itemScore(item, tags) === REJECTED);
  const tagsOf = (kind: SingleTag["kind"]) => [
    ...new Set(rejecting.flatMap((item) => item.kind === kind ? [item.tag] : [])),
  ];
  const disallowed = tagsOf("excluded");
  if (disallowed.length > 0) return { reason: "ExtraTagDisallowed", details: { disallowed } };
  const missing = tagsOf("required");
  if (missing.length > 0) return { reason: "MissingTag", details: { missing } };
  const group = rejecting.find((item) => item.kind === "group");
  if (group === undefined) return undefined;
  const present = group.excluded.filter((tag) => tags.includes(tag));
  return present.length > 0
    ? { reason: "ExtraTagDisallowed", details: { disallowed: present } }
    : { reason: "MissingTag", details: { missing_one_of: group.members } };
}
