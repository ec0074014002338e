/**
 * Versions and constraints, each text parsed once. One instance may outlive many passes: what a
 * text means does not depend on the directory.
 *
 * @module
 */
import { type Constraint, parseConstraint, satisfies } from "./constraint.ts";
import { parseVersion, type SemVer } from "./version.ts";

/** A constraint with the text it came from, ready to be checked many times. */
export interface VersionDemand {
  /** As the consumer wrote it; empty accepts every version. */
  readonly text: string;
  /** `undefined` when the text is empty or not a constraint; then only an equal text matches. */
  readonly constraint: Constraint | undefined;
}

/** How many ranges a demand compares a version with. */
export function rangeCount({ constraint = [] }: VersionDemand): number {
  return constraint.reduce((count, { ranges }) => count + ranges.length, 0);
}

/** Parsing remembered for the `limit` most recently added texts. */
class ParseMemo<Parsed> {
  readonly #parsed = new Map<string, Parsed>();
  readonly #parse: (text: string) => Parsed;
  readonly #limit: number;

  constructor(parse: (text: string) => Parsed, limit: number) {
    this.#parse = parse;
    this.#limit = limit;
  }

  get(text: string): Parsed {
    // `undefined` is a legal value (unparsable), so absence is asked for only when that comes back.
    const known = this.#parsed.get(text);
    if (known !== undefined || this.#parsed.has(text)) return known as Parsed;
    const parsed = this.#parse(text);
    if (this.#parsed.size >= this.#limit) {
      for (const oldest of this.#parsed.keys()) {
        this.#parsed.delete(oldest);
        break;
      }
    }
    this.#parsed.set(text, parsed);
    return parsed;
  }
}

/** Remembers what version and constraint texts mean. */
export class ParsedVersions {
  readonly #versions: ParseMemo<SemVer | undefined>;
  readonly #constraints: ParseMemo<Constraint | undefined>;

  /** @param limit How many versions, and how many constraints, are remembered. Default 65,536. */
  constructor(limit = 65_536) {
    this.#versions = new ParseMemo(parseVersion, limit);
    this.#constraints = new ParseMemo(parseConstraint, limit);
  }

  /** Prepares a constraint text for {@linkcode meets}. */
  demand(text: string): VersionDemand {
    return { text, constraint: text === "" ? undefined : this.#constraints.get(text) };
  }

  /**
   * Whether a provider's version meets the demand. Where either side cannot be parsed, equal texts
   * match and nothing else does; an empty version meets only an empty demand.
   */
  meets(version: string, demand: VersionDemand): boolean {
    if (demand.text === "") return true;
    const parsed = demand.constraint && this.#versions.get(version);
    if (demand.constraint === undefined || parsed === undefined) return version === demand.text;
    return satisfies(parsed, demand.constraint);
  }

  /**
   * The order of the tie-break: positive when `a` is newer than `b`, 0 when they rank the same.
   * Anything that is a version is newer than anything that is not; two texts that are not
   * versions compare by code units, greater first.
   */
  compare(a: string, b: string): number {
    if (a === b) return 0;
    const parsedA = this.#versions.get(a);
    const parsedB = this.#versions.get(b);
    if (parsedA !== undefined && parsedB !== undefined) return parsedA.compare(parsedB);
    if (parsedA !== undefined) return 1;
    if (parsedB !== undefined) return -1;
    return a > b ? 1 : -1;
  }
}
