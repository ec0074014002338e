/**
 * Tag selectors of a definition, by the rules of resolution.
 *
 * @module
 */
import { parseTags } from "../../protocol/resolve/tags.ts";
import { type Kind, listed, nameFault, type Place } from "./kind.ts";

const EXAMPLE = '["fast", "-beta"]';
const ADVICE =
  'write a tag, with "+" in front where it is only preferred and "-" where it is excluded';

/** Selectors of tags: `"x"`, `"+x"`, `"-x"`, and lists of alternatives. */
export const tagSelectors: Kind<readonly (string | readonly string[])[]> = (value, place) => {
  if (!Array.isArray(value)) return place.refuse(value, `write a list, such as ${EXAMPLE}`);
  value.forEach((selector, index) => {
    const at = place.at(index);
    if (Array.isArray(selector)) group(selector, at);
    else single(selector, at);
  });
  contradictions(value, place);
};

/** Selectors of tags without lists. */
export const plainSelectors: Kind<readonly string[]> = (value, place) => {
  if (!Array.isArray(value)) return place.refuse(value, `write a list, such as ${EXAMPLE}`);
  value.forEach((selector, index) => single(selector, place.at(index)));
  contradictions(value, place);
};

function single(selector: unknown, place: Place): void {
  if (typeof selector !== "string") return place.refuse(selector, ADVICE);
  // Resolution would ignore the selector.
  if (parseTags([selector]).length === 0) return place.refuse(selector, ADVICE);
  const fault = nameFault(selector);
  if (fault !== undefined) place.refuse(selector, fault);
}

function group(members: readonly unknown[], place: Place): void {
  members.forEach((member, index) => single(member, place.at(index)));
  const tags = members.filter((member) => typeof member === "string");
  if (tags.every((tag) => tag.startsWith("-"))) {
    place.refuse(members, "add a tag that a provider can have");
  }
}

/** Reports tags that are both required and excluded, which no provider can satisfy. */
function contradictions(selectors: readonly unknown[], place: Place): void {
  const parsed = parseTags(selectors.filter((selector) => typeof selector === "string"));
  const tagsOf = (kind: string) =>
    parsed.flatMap((item) => item.kind !== "group" && item.kind === kind ? [item.tag] : []);
  const excluded = new Set(tagsOf("excluded"));
  const both = [...new Set(tagsOf("required"))].filter((tag) => excluded.has(tag));
  if (both.length === 0) return;
  place.report(
    `${place.text} requires and excludes ${listed(both, "and")}; remove one of the two selectors`,
  );
}
