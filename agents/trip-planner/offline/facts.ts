/**
 * What a conversation says about a trip: read with fixed patterns, the latest message first. Pure.
 *
 * @module
 */
import type { ChatMessage } from "mesh";
import { cutText } from "./cut_text.ts";

/** Days of a trip, as ISO dates. */
export interface Dates {
  readonly start: string;
  readonly end: string;
}

/** What is known of the trip. */
export interface Facts {
  readonly destination: string | undefined;
  readonly origin: string | undefined;
  /** The dates as they were written. */
  readonly datesText: string | undefined;
  readonly dates: Dates | undefined;
  /** US dollars. */
  readonly budget: number | undefined;
  readonly travellers: number | undefined;
  readonly minimumStars: number | undefined;
  readonly interests: readonly string[];
  /** The last thing the user said. */
  readonly question: string;
  /** Everything that was said, oldest first. */
  readonly text: string;
  /** The same without prompts, and without the line in which the user says what to do with the rest. */
  readonly material: string;
}

/** The text of a message, of all its text parts. */
export function textOf({ content }: ChatMessage): string {
  if (typeof content === "string") return content;
  return (content ?? []).map((part) => typeof part["text"] === "string" ? part["text"] : "")
    .join("\n");
}

/** What a conversation says. */
export function factsOf(messages: readonly ChatMessage[]): Facts {
  const said = messages.filter(({ role }) => role === "system" || role === "user");
  // What the user says last counts most; the prompt fills in what nobody said.
  const texts = [
    ...said.filter(({ role }) => role === "user").toReversed(),
    ...said.filter(({ role }) => role === "system"),
  ].map(textOf);
  const found = <T>(read: (text: string) => T | undefined): T | undefined => {
    for (const text of texts) {
      const value = read(text);
      if (value !== undefined) return value;
    }
    return undefined;
  };
  const datesText = found(readDatesText);
  return {
    destination: found(readDestination),
    origin: found(readOrigin),
    datesText,
    dates: datesText === undefined ? undefined : readDates(datesText),
    budget: found(readBudget),
    travellers: found(readTravellers),
    minimumStars: found(readStars),
    interests: found(readInterests) ?? [],
    question: texts[0] ?? "",
    text: joined(messages.map(textOf)),
    material: materialOf(messages),
  };
}

function materialOf(messages: readonly ChatMessage[]): string {
  const last = messages.findLastIndex(({ role }) => role === "user");
  return joined(messages.flatMap((message, index) => {
    if (message.role === "system") return [];
    const text = textOf(message);
    return index === last && text.includes("\n") ? text.slice(text.indexOf("\n") + 1) : text;
  }));
}

function joined(texts: readonly string[]): string {
  return texts.filter((text) => text !== "").join("\n");
}

/** A name of a place: words that begin with a capital, with what joins them. */
const PLACE =
  "(\\p{Lu}[\\p{L}'’.-]*(?:[ ](?:(?:de|del|la|el|of|the|al|di|do|da|und|am|an|der)[ ])?\\p{Lu}[\\p{L}'’.-]*)*(?:,[ ]\\p{Lu}[\\p{L}'’.-]+)?)";

/** `Key: value` at the beginning of a line, as prompts write it; the value may be in any letters. */
function labelled(...labels: readonly string[]): RegExp {
  return new RegExp(`^[\\s*_-]*(?:${labels.join("|")})[*_]*\\s*[:=][*_]*\\s*(.+?)\\s*$`, "imu");
}

const DESTINATIONS = [
  labelled("destination", "going to", "where"),
  new RegExp(
    `\\b(?:trip|travel|travell?ing|visit(?:ing)?|fly(?:ing)?|go(?:ing)?|holiday|vacation|journey|itinerary|days?|weekend|week|plan|budget|logistics|experiences|adventures?|costs?)\\s+(?:to|in|for|of|around)\\s+(?:a\\s+trip\\s+to\\s+)?${PLACE}`,
    "u",
  ),
  new RegExp(`\\bvisit(?:ing)?\\s+${PLACE}`, "u"),
  new RegExp(`\\b(?:to|in|for)\\s+${PLACE}`, "u"),
];

const MONTH_NAMES = [
  "january",
  "february",
  "march",
  "april",
  "may",
  "june",
  "july",
  "august",
  "september",
  "october",
  "november",
  "december",
];
const NO_PLACE = new RegExp(
  `^(?:${
    MONTH_NAMES.join("|")
  }|day|usd|i|monday|tuesday|wednesday|thursday|friday|saturday|sunday)\\b`,
  "i",
);

/** What may look like the rest of a place's name: `Tokyo, June 1-5`. */
const AFTER_PLACE = new RegExp(
  `,\\s+(?:${MONTH_NAMES.map((name) => name.slice(0, 3)).join("|")})\\p{L}*\\.?$`,
  "iu",
);

function readDestination(text: string): string | undefined {
  for (const pattern of DESTINATIONS) {
    const place = tidy(text.match(pattern)?.[1]);
    if (place !== undefined && !NO_PLACE.test(place)) return place;
  }
  return undefined;
}

const ORIGINS = [
  labelled("from_city", "from", "departure city", "departing from", "origin", "leaving from"),
  new RegExp(`\\b(?:departing|leaving|starting|flying|travell?ing)\\s+from\\s+${PLACE}`, "u"),
  new RegExp(`\\bfrom\\s+${PLACE}\\s+to\\b`, "u"),
];

function readOrigin(text: string): string | undefined {
  for (const pattern of ORIGINS) {
    const place = tidy(text.match(pattern)?.[1]);
    if (place !== undefined && !NO_PLACE.test(place)) return place;
  }
  return undefined;
}

function tidy(place: string | undefined): string | undefined {
  return cutText(place?.replace(AFTER_PLACE, "").replace(/[.,;:]+$/, "").trim() ?? "", 80) ||
    undefined;
}

const MONTH = `(?:${
  MONTH_NAMES.map((name) => `${name.slice(0, 3)}(?:${name.slice(3)})?`).join("|")
})\\.?`;
const ISO = "\\d{4}-\\d{2}-\\d{2}";
const DAY = "\\d{1,2}(?!\\d)(?:st|nd|rd|th)?";
const TO = "\\s*(?:-|–|—|to|until|through|and)\\s*";
const YEAR = "(?:,?\\s*(\\d{4}))?";

/** Spans of days, each with how to read it. Years may be left out. */
const SPANS: readonly [pattern: RegExp, read: (match: RegExpMatchArray) => Dates | undefined][] = [
  [new RegExp(`(${ISO})${TO}(${ISO})`, "i"), ([, start = "", end = ""]) => ({ start, end })],
  [
    new RegExp(`(${MONTH})\\s+(${DAY})${YEAR}${TO}(${MONTH})\\s+(${DAY})${YEAR}`, "i"),
    ([, from, first, year, to, last, lastYear]) =>
      span([from, first, year ?? lastYear], [to, last, lastYear ?? year]),
  ],
  [
    new RegExp(`(${MONTH})\\s+(${DAY})${TO}(${DAY})${YEAR}`, "i"),
    ([, month, first, last, year]) => span([month, first, year], [month, last, year]),
  ],
  [
    new RegExp(`(${DAY})${TO}(${DAY})\\s+(?:of\\s+)?(${MONTH})${YEAR}`, "i"),
    ([, first, last, month, year]) => span([month, first, year], [month, last, year]),
  ],
  [new RegExp(`(${ISO})`), ([, start = ""]) => ({ start, end: start })],
  [
    new RegExp(`(${MONTH})\\s+(${DAY})${YEAR}`, "i"),
    ([, month, day, year]) => span([month, day, year], [month, day, year]),
  ],
];

type WrittenDay = readonly [
  month: string | undefined,
  day: string | undefined,
  year: string | undefined,
];

function span(first: WrittenDay, last: WrittenDay): Dates | undefined {
  // Without a year there is no date; what was written is passed on as it is.
  const [start, end] = [isoDay(first), isoDay(last)];
  return start === undefined || end === undefined ? undefined : { start, end };
}

function isoDay([month = "", day = "", year]: WrittenDay): string | undefined {
  const index = MONTH_NAMES.findIndex((name) => name.startsWith(month.slice(0, 3).toLowerCase()));
  if (year === undefined || index < 0) return undefined;
  const number = Number.parseInt(day, 10);
  return `${year}-${String(index + 1).padStart(2, "0")}-${String(number).padStart(2, "0")}`;
}

function readDatesText(text: string): string | undefined {
  const given = text.match(labelled("dates?", "when", "travel dates"))?.[1];
  if (given !== undefined) return given;
  for (const [pattern] of SPANS) {
    const [found] = text.match(pattern) ?? [];
    if (found !== undefined) return found.trim();
  }
  return undefined;
}

function readDates(text: string): Dates | undefined {
  for (const [pattern, read] of SPANS) {
    const match = text.match(pattern);
    if (match !== null) return read(match);
  }
  return undefined;
}

function readBudget(text: string): number | undefined {
  const amount = text.match(/budget[^.\n$€£\d]{0,40}(?:US)?[$€£]?\s?(\d[\d,]*(?:\.\d+)?)/i)?.[1] ??
    text.match(/[$€£]\s?(\d[\d,]*(?:\.\d+)?)/)?.[1] ??
    text.match(/(\d[\d,]*(?:\.\d+)?)\s?(?:USD|dollars|euros?)\b/i)?.[1];
  return amount === undefined ? undefined : Number(amount.replaceAll(",", ""));
}

function readTravellers(text: string): number | undefined {
  const count = text.match(/(\d+)\s+(?:people|persons|adults|travell?ers|guests|passengers)\b/i)
    ?.[1];
  return count === undefined ? undefined : Number(count);
}

function readStars(text: string): number | undefined {
  const stars = text.match(/(?:min(?:imum)?|at least)[^.\n\d]{0,30}(\d)\s*(?:-|\s)?stars?/i)?.[1] ??
    text.match(/stars?[^.\n\d]{0,12}(\d)\b/i)?.[1];
  return stars === undefined ? undefined : Number(stars);
}

function readInterests(text: string): string[] | undefined {
  const list = text.match(/interests?(?:\s+(?:are|in))?\s*[:=]?\s*([\p{L} ,&-]+)/iu)?.[1];
  const interests = list?.split(/,|\band\b|&/).map((interest) => interest.trim())
    .filter((interest) => interest !== "") ?? [];
  return interests.length === 0 ? undefined : interests;
}

/** Every day of a span, at most 30. */
export function daysOf({ start, end }: Dates): string[] {
  const days: string[] = [];
  const last = Date.parse(end);
  for (let day = Date.parse(start); day <= last && days.length < 30; day += 86_400_000) {
    days.push(new Date(day).toISOString().slice(0, 10));
  }
  return days;
}
