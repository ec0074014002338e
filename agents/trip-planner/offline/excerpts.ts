/**
 * What can be drawn from a conversation to fill in a form: its lines, the amounts in them, the names
 * they list and the days they describe. Pure.
 *
 * @module
 */
import { cutText } from "./cut_text.ts";

/** An amount of money and what it is for. */
export interface Amount {
  readonly label: string;
  readonly usd: number;
}

/** One day of a plan. */
export interface PlannedDay {
  readonly day: number;
  readonly activities: readonly string[];
}

/** What a conversation has to draw from. */
export interface Excerpts {
  /** Sentences and list items, without their marks. */
  readonly lines: readonly string[];
  /** What may be chosen from: things with a price, by the heading they stand under. */
  readonly offers: readonly (readonly Amount[])[];
  /** What the plan adds up. */
  readonly costs: readonly Amount[];
  /** What a plan says it costs in all, if it does. */
  readonly total: number | undefined;
  /** Names of things, such as hotels and sights. */
  readonly names: readonly string[];
  readonly days: readonly PlannedDay[];
}

/** Most of anything that is kept. */
const MOST = 200;

/** Draws from a text. */
export function excerptsOf(text: string): Excerpts {
  const lines = unique(
    text.split("\n").map(bare).filter((line) => line.length > 2 && !/language model/i.test(line)),
  );
  const sections = text.split(/^#+ /m).map((part) => part.split("\n").map(bare).flatMap(amountOf));
  // Sights before what is for sale.
  const free = lines.filter((line) => !line.includes("$"));
  const names = [...quotedNames(text), ...[...free, ...lines].flatMap(leadingName)];
  return {
    lines: lines.slice(0, MOST),
    offers: sections.filter((amounts) => amounts.length > 1 && !amounts.some(isTotal)),
    costs: (sections.findLast((amounts) => amounts.some(isTotal)) ?? sections.flat())
      .filter(isCost).slice(0, MOST),
    total: sections.flat().findLast(isTotal)?.usd,
    names: unique(names).slice(0, MOST),
    days: plannedDays(text),
  };
}

function isTotal({ label }: Amount): boolean {
  return /total/i.test(label);
}

function isCost({ label }: Amount): boolean {
  return !/total|budget|left/i.test(label);
}

/** The lines that have most to do with some words, then the others, each group in its order. */
export function nearest(lines: readonly string[], words: readonly string[]): readonly string[] {
  const score = (line: string) =>
    words.filter((word) => line.toLowerCase().includes(word.toLowerCase())).length;
  return lines.toSorted((a, b) => score(b) - score(a));
}

/** A line without the marks of a list, a heading or emphasis. */
function bare(line: string): string {
  return line.trim().replace(/^(?:[#>*+-]+|\d+[.)])\s+/, "").replaceAll(/\*+|`/g, "")
    .replaceAll(/^_+|_+$/g, "").trim();
}

function amountOf(line: string): Amount[] {
  const [whole, digits = ""] = line.match(/\$\s?(\d[\d,]*(?:\.\d+)?)/) ?? [];
  if (whole === undefined) return [];
  const label = line.slice(0, line.indexOf(whole)).replace(/[\s:–—,(-]+$/, "").trim();
  return [{ label: cutText(label || "other", 60), usd: Number(digits.replaceAll(",", "")) }];
}

/** Values of `name` in JSON, as tools write it. */
function quotedNames(text: string): string[] {
  return Array.from(text.matchAll(/"name"\s*:\s*"([^"\\]{2,60})"/g), ([, name = ""]) => name);
}

/** What a list item begins with, up to its first mark, if it reads like a name. */
function leadingName(line: string): string[] {
  const name = line.match(
    /^(?:[^:]{2,20}:\s+)?((?:\p{Lu}[\p{L}'’-]*)(?:[ -]\p{Lu}[\p{L}'’-]*){1,4})(?=\s*(?:$|[,(:.–—]))/u,
  )
    ?.[1];
  return name === undefined ? [] : [name];
}

/** Lines below `Day 1`, `Day 2` and so on, until the next heading. */
function plannedDays(text: string): PlannedDay[] {
  const days: { day: number; activities: string[] }[] = [];
  let current: string[] | undefined;
  for (const raw of text.split("\n")) {
    const line = bare(raw);
    const day = line.match(/^day\s+(\d{1,3})\b/i)?.[1];
    if (day !== undefined) {
      current = [];
      days.push({ day: Number(day), activities: current });
    } else if (/^#/.test(raw.trim())) {
      current = undefined;
    } else if (line.length > 2) {
      current?.push(line);
    }
  }
  return days.filter(({ activities }) => activities.length > 0);
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}
