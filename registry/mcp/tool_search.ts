/**
 * Finding tools by words. Pure, but for remembering the words of each tool.
 *
 * Texts and queries are cut into words: at anything that is no letter or digit, and where a capital
 * follows a small letter. A word of the query that is one of a text's scores the points of that text,
 * one that begins like one (three letters at least, in either direction) half of them; each text
 * counts once:
 *
 * | name | capability | tag | description | agent |
 * |---|---|---|---|---|
 * | 8 | 6 | 6 | 4 | 2 |
 *
 * First come the tools that have most words of the query, then those with more points, then by name.
 * Tools that have none are left out. A query without words finds all, by name.
 *
 * @module
 */
import type { Tool } from "../../runtime/protocol/registration.ts";
import type { OfferedTool } from "./catalog.ts";

const POINTS = { name: 8, capability: 6, tag: 6, description: 4, agent: 2 };
const SHORTEST_BEGINNING = 3;

interface Field {
  readonly points: number;
  readonly words: readonly string[];
}

/** Finds tools. */
export class ToolSearch {
  readonly #words = new WeakMap<Tool, { readonly name: string; readonly fields: Field[] }>();

  /** The tools that fit, best first. */
  find(tools: readonly OfferedTool[], query: string): OfferedTool[] {
    const wanted = [...new Set(wordsOf(query))];
    if (wanted.length === 0) return [...tools];
    const ranked = tools.map((tool) => ({ tool, ...rank(this.#fields(tool), wanted) }))
      .filter(({ found }) => found > 0);
    // Sorting is stable: what is equal stays in the order of names.
    ranked.sort((a, b) => b.found - a.found || b.points - a.points);
    return ranked.map(({ tool }) => tool);
  }

  #fields(offered: OfferedTool): Field[] {
    const { name, tool } = offered;
    let known = this.#words.get(tool);
    if (known?.name !== name) {
      known = { name, fields: fieldsOf(offered) };
      this.#words.set(tool, known);
    }
    return known.fields;
  }
}

/** The words of a text, in lower case. */
export function wordsOf(text: string): string[] {
  return text.replaceAll(/(\p{Ll}|\d)(\p{Lu})/gu, "$1 $2").toLowerCase()
    .split(/[^\p{L}\d]+/u).filter((word) => word !== "");
}

function fieldsOf({ name, agent, tool }: OfferedTool): Field[] {
  return [
    { points: POINTS.name, words: wordsOf(name) },
    { points: POINTS.capability, words: wordsOf(tool.capability) },
    { points: POINTS.tag, words: tool.tags.flatMap(wordsOf) },
    { points: POINTS.description, words: wordsOf(tool.description) },
    { points: POINTS.agent, words: wordsOf(agent) },
  ];
}

function rank(fields: readonly Field[], wanted: readonly string[]) {
  let found = 0;
  let points = 0;
  for (const word of wanted) {
    const gained = fields.reduce((sum, field) => sum + fieldPoints(field, word), 0);
    if (gained > 0) found += 1;
    points += gained;
  }
  return { found, points };
}

function fieldPoints({ points, words }: Field, wanted: string): number {
  if (words.includes(wanted)) return points;
  return words.some((word) => beginAlike(word, wanted)) ? points / 2 : 0;
}

function beginAlike(a: string, b: string): boolean {
  return Math.min(a.length, b.length) >= SHORTEST_BEGINNING && (a.startsWith(b) || b.startsWith(a));
}
