/**
 * What a field of a form is filled in with: by the name of the field, from what the conversation has
 * to draw from. Pure.
 *
 * @module
 */
import { type Excerpts, nearest } from "./excerpts.ts";
import { daysOf, type Facts } from "./facts.ts";
import { cutText } from "./cut_text.ts";

type Path = readonly (string | number)[];

/** Most characters of a line that is put into a field. */
const LINE_MAX = 240;

/** Draws values for fields. */
export class Source {
  readonly #facts: Facts;
  readonly #excerpts: Excerpts;

  constructor(facts: Facts, excerpts: Excerpts) {
    this.#facts = facts;
    this.#excerpts = excerpts;
  }

  /** The member of an enumeration that the conversation names, or the first. */
  choice(members: readonly unknown[]): unknown {
    const said = this.#facts.text.toLowerCase();
    const named = members.find((member) =>
      typeof member === "string" && member !== "" && said.includes(member.toLowerCase())
    );
    return named ?? members[0];
  }

  /** How many members a list has; `undefined` for any number. */
  length(path: Path): number | undefined {
    const name = fieldOf(path);
    const { costs, days, names } = this.#excerpts;
    if (/experience|gems?$|sights|places|spots|names/i.test(name)) {
      return Math.min(3, names.length) || undefined;
    }
    if (/sav|cheap/i.test(name)) return this.#excerpts.offers.length || undefined;
    if (/breakdown|costs?|amounts|expenses|prices/i.test(name)) return costs.length || 1;
    if (/schedule|itinerary|^days$|daily/i.test(name)) {
      return days.length || this.#dates().length || 1;
    }
    if (/activit/i.test(name)) return days[indexOf(path)]?.activities.length || 1;
    return undefined;
  }

  /** Texts for a field, best first. */
  texts(path: Path): string[] {
    const name = fieldOf(path);
    const index = indexOf(path);
    const { destination, origin, datesText, question } = this.#facts;
    const { costs, names, days, lines } = this.#excerpts;
    const place = destination ?? "the destination";
    const sight = names.length === 0 ? place : names[index % names.length] ?? place;
    const about = nearest(lines, name.split(/[_\s]+/).filter((word) => word.length > 3));
    const line = about.length === 0 ? question : about[index % about.length] ?? question;
    const drawn = (): (string | undefined)[] => {
      if (/activit/i.test(String(path.findLast((part) => typeof part === "string")))) {
        return [days[outerIndexOf(path)]?.activities[index], sight];
      }
      if (/dest|location|city|place|where/i.test(name)) return [destination, sight];
      if (/origin|^from/i.test(name)) return [origin, "your city"];
      if (/date|when/i.test(name)) return [datesText];
      if (/category|item|label|expense/i.test(name)) return [costs[index]?.label, sight];
      if (/name|title|gem|sight|spot/i.test(name)) return [sight];
      if (/why|special|reason/i.test(name)) return [`${sight} is part of the plan for ${place}.`];
      if (/description|details|about/i.test(name)) {
        return [lines.find((line) => line.includes(sight)), line];
      }
      if (/currency/i.test(name)) return ["USD"];
      if (/sav|cheap/i.test(name)) return [this.#saving(index), line];
      if (/trans|transfer|getting|route/i.test(name)) return [this.#way(index), line];
      if (/time|optimi|shorten|order/i.test(name)) return [this.#sameDay(index), line];
      return [line];
    };
    return [...drawn(), sight, place].flatMap((text) =>
      text === undefined || text === "" ? [] : [cutText(text, LINE_MAX)]
    );
  }

  /** Numbers for a field, best first. */
  numbers(path: Path): number[] {
    const name = fieldOf(path);
    const index = indexOf(path);
    const { budget, travellers, minimumStars } = this.#facts;
    const { costs, total, days } = this.#excerpts;
    const sum = costs.reduce((sum, { usd }) => sum + usd, 0);
    const drawn = (): (number | undefined)[] => {
      if (/^day(_?(number|index))?$/i.test(name)) return [days[index]?.day, index + 1];
      if (/budget/i.test(name)) return [budget];
      if (/total|sum|overall/i.test(name)) return [total, costs.length === 0 ? budget : sum];
      if (/stars|rating/i.test(name)) return [minimumStars];
      if (/travell?ers|people|guests|adults/i.test(name)) return [travellers, 1];
      if (/days|nights|duration/i.test(name)) return [this.#dates().length || undefined];
      if (/amount|cost|price|usd|fee/i.test(name)) return [costs[index]?.usd];
      return [];
    };
    return drawn().filter((number) => number !== undefined);
  }

  /** The cheapest of some things against the dearest. */
  #saving(index: number): string | undefined {
    const byPrice = this.#excerpts.offers[index]?.toSorted((a, b) => a.usd - b.usd) ?? [];
    const [cheap, dear] = [byPrice[0], byPrice.at(-1)];
    if (cheap === undefined || dear === undefined || cheap.usd >= dear.usd) return undefined;
    return `${cheap.label} ($${cheap.usd}) instead of ${dear.label} ($${dear.usd})`;
  }

  #way(index: number): string | undefined {
    const { day, stops } = this.#stops(index);
    return stops.length < 2 ? undefined : `Day ${day}: ${stops.slice(0, 2).join(", then ")}.`;
  }

  #sameDay(index: number): string | undefined {
    const { day, stops } = this.#stops(index);
    return stops.length < 2
      ? undefined
      : `${stops.slice(0, 2).join(" and ")} are both on day ${day}.`;
  }

  /** The named places of one day. */
  #stops(index: number): { readonly day: number; readonly stops: readonly string[] } {
    const { days, names } = this.#excerpts;
    const planned = days.length === 0 ? undefined : days[index % days.length];
    const { day = 1, activities = [] } = planned ?? {};
    const stops = names.filter((name) => activities.some((activity) => activity.includes(name)));
    return { day, stops };
  }

  #dates(): string[] {
    const { dates } = this.#facts;
    return dates === undefined ? [] : daysOf(dates);
  }
}

/** The name of the field, or of the list it is a member of. */
function fieldOf(path: Path): string {
  return String(path.findLast((part) => typeof part === "string") ?? "");
}

/** Number of the nearest list member on the way to a field. */
function indexOf(path: Path): number {
  return path.findLast((part) => typeof part === "number") ?? 0;
}

/** The same of the list around that list. */
function outerIndexOf(path: Path): number {
  return path.filter((part) => typeof part === "number").at(-2) ?? 0;
}
