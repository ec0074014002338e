/**
 * A plain itinerary from what tools answered: text put together by rules, which says so. Pure.
 *
 * @module
 */
import { daysOf, type Facts } from "./facts.ts";
import { shortened } from "./cut_text.ts";

/** What a tool was asked and what it answered. */
export interface ToolAnswer {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** A value, or text where the answer is no JSON. */
  readonly value: unknown;
}

/** What every text says of how it came about. */
export const NOTICE =
  "No language model wrote this: the offline provider put it together by fixed " +
  "rules from what the tools of the mesh answered. With ANTHROPIC_API_KEY, OPENAI_API_KEY or " +
  "GEMINI_API_KEY set, a model writes instead.";

type Item = Readonly<Record<string, unknown>>;

/** The itinerary. */
export function itinerary(facts: Facts, answers: readonly ToolAnswer[]): string {
  const { destination = "your destination", datesText } = facts;
  const flights = itemsWith(answers, "flight");
  const hotels = itemsWith(answers, "price_per_night_usd");
  const sights = itemsWith(answers, "category");
  const title = `# ${destination}${datesText === undefined ? "" : `, ${datesText}`}`;
  const sections = [
    title,
    `_${NOTICE}_`,
    section("Flights", flights.map(flightLine)),
    section("Hotels", hotels.map(hotelLine)),
    section("Weather", summaries(answers)),
    dayByDay(facts, sights),
    costs(facts, flights, hotels),
    ...others(answers),
    section("What could not be found out", failures(answers)),
  ];
  if (answers.length === 0) sections.push(...understood(facts));
  return sections.filter((part) => part !== "").join("\n\n");
}

/** A few sentences where there are no tools to ask. */
function understood({ destination, datesText, budget, question }: Facts): string[] {
  const known = [
    ...(destination === undefined ? [] : [`Destination: ${destination}`]),
    ...(datesText === undefined ? [] : [`Dates: ${datesText}`]),
    ...(budget === undefined ? [] : [`Budget: $${budget}`]),
  ];
  return [
    known.length > 0 ? section("What was understood", known) : "",
    question === "" ? "" : `You asked: ${firstLine(question)}`,
    "There was no tool to ask, so nothing more can be said without a language model.",
  ];
}

function firstLine(text: string): string {
  const [line = ""] = text.trim().split("\n");
  return shortened(line, 300);
}

function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? "" : `## ${title}\n\n${lines.map((line) => `- ${line}`).join("\n")}`;
}

/** Objects in the answers that have a field, wherever they are. */
function itemsWith(answers: readonly ToolAnswer[], field: string): Item[] {
  return answers.flatMap(({ value }) => listsIn(value)).filter((item) => field in item);
}

/** Lists of objects: the answer itself, or what is in it. */
function listsIn(value: unknown): Item[] {
  if (Array.isArray(value)) return value.filter(isItem);
  return isItem(value)
    ? Object.values(value).flatMap((part) => Array.isArray(part) ? listsIn(part) : [])
    : [];
}

function isItem(value: unknown): value is Item {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function flightLine(
  { carrier, flight, origin, destination, depart, arrive, price_usd }: Item,
): string {
  return `${flight}${carrier === undefined ? "" : ` (${carrier})`}, ${origin} to ${destination}, ` +
    `${depart}–${arrive}: $${price_usd}`;
}

function hotelLine({ name, stars, price_per_night_usd, amenities }: Item): string {
  const offers = Array.isArray(amenities) ? ` (${amenities.join(", ")})` : "";
  return `${name}, ${stars} stars: $${price_per_night_usd} a night${offers}`;
}

/** Answers that sum themselves up. */
function summaries(answers: readonly ToolAnswer[]): string[] {
  return answers.flatMap(({ value }) =>
    isItem(value) && typeof value["summary"] === "string" ? [value["summary"]] : []
  );
}

function dayByDay({ dates, destination = "the city", interests }: Facts, sights: Item[]): string {
  const days = dates === undefined ? [] : daysOf(dates);
  const names = days.length > 0 ? days : ["", "", ""];
  const labels = sights.map((
    { name, category, type },
  ) => [name, [type, category].filter((part) => part !== undefined).join(", ")]).map((
    [name, kind],
  ) => kind === "" ? `${name}` : `${name} (${kind})`);
  const nth = (index: number, otherwise: string) =>
    labels.length === 0 ? otherwise : labels[index % labels.length] ?? otherwise;
  const interest = interests[0] === undefined ? "local" : interests[0];
  return names.map((date, index) =>
    [
      `## Day ${index + 1}${date === "" ? "" : ` (${date})`}`,
      "",
      `- Morning: ${nth(2 * index, `a walk through ${destination}`)}`,
      `- Afternoon: ${nth(2 * index + 1, `${interest} sights of ${destination}`)}`,
      `- Evening: dinner near ${nth(2 * index + 1, "your hotel")}`,
    ].join("\n")
  ).join("\n\n");
}

/** The cheapest that fits: a flight, and a hotel for every night with the stars that are wanted. */
function costs(
  { budget, dates, minimumStars = 0 }: Facts,
  flights: Item[],
  hotels: Item[],
): string {
  const flight = cheapest(flights, "price_usd");
  const good = hotels.filter(({ stars }) => Number(stars) >= minimumStars);
  const hotel = cheapest(good.length > 0 ? good : hotels, "price_per_night_usd");
  const nights = dates === undefined ? 2 : Math.max(1, daysOf(dates).length - 1);
  const lines: string[] = [];
  let total = 0;
  if (flight !== undefined) {
    total += Number(flight["price_usd"]);
    lines.push(`Flight ${flight["flight"]}: $${flight["price_usd"]}`);
  }
  if (hotel !== undefined) {
    const price = nights * Number(hotel["price_per_night_usd"]);
    total += price;
    lines.push(`${hotel["name"]}, ${nights} nights: $${price}`);
  }
  if (lines.length === 0) return "";
  lines.push(`Total: $${total}`);
  if (budget !== undefined) {
    const left = budget - total;
    lines.push(
      left >= 0
        ? `Left of the budget of $${budget}: $${left}`
        : `Over the budget of $${budget} by $${-left}`,
    );
  }
  return section("Costs", lines);
}

function cheapest(items: readonly Item[], field: string): Item | undefined {
  return items.toSorted((a, b) => Number(a[field]) - Number(b[field]))[0];
}

const KNOWN = ["flight", "price_per_night_usd", "category"];

/** Answers of tools that are none of the application's: their fields, plainly. */
function others(answers: readonly ToolAnswer[]): string[] {
  return answers.filter(({ value }) =>
    errorOf(value) === undefined && summaries([{ name: "", args: {}, value }]).length === 0 &&
    !listsIn(value).some((item) => KNOWN.some((field) => field in item))
  ).map(({ name, value }) => section(name, plainLines(value)));
}

function plainLines(value: unknown): string[] {
  if (Array.isArray(value)) return value.slice(0, 10).map(plain);
  if (isItem(value)) {
    return Object.entries(value).slice(0, 10).map(([key, part]) => `${key}: ${plain(part)}`);
  }
  return value === null || value === "" ? [] : [plain(value)];
}

function plain(value: unknown): string {
  const text = isItem(value)
    ? Object.entries(value).map(([key, part]) => `${key} ${plain(part)}`).join(", ")
    : Array.isArray(value)
    ? value.map(plain).join(", ")
    : String(value);
  return shortened(text, 300);
}

function failures(answers: readonly ToolAnswer[]): string[] {
  return answers.flatMap(({ name, value }) => {
    const error = errorOf(value);
    return error === undefined ? [] : [`${name}: ${error}`];
  });
}

/** What a failed tool said. */
function errorOf(value: unknown): string | undefined {
  return isItem(value) && Object.keys(value).length === 1 && typeof value["error"] === "string"
    ? value["error"]
    : undefined;
}
