/**
 * Version constraints with the meaning Masterminds/semver v3 gives them
 * (https://github.com/Masterminds/semver#checking-version-constraints).
 *
 * Every comparator becomes one range over npm `semver` versions, so checking is two comparisons.
 * npm's own ranges are not used because they differ: in Masterminds a group that names a
 * pre-release accepts pre-releases of any version, and a bare `1.2` is `~1.2`.
 *
 * @module
 */
import { MAX_VERSION_LENGTH, type SemVer, versionOf } from "./version.ts";

/** An end of a range. */
interface Bound {
  readonly version: SemVer;
  readonly inclusive: boolean;
}

/** What one comparator accepts; a missing bound is open. */
interface Range {
  readonly low?: Bound;
  readonly high?: Bound;
  /** Accepts what lies outside of the bounds instead: `!=`. */
  readonly outside?: true;
}

/** Comparators that must all hold. */
interface Group {
  readonly ranges: readonly Range[];
  /** Whether a comparator names a pre-release; only then do pre-release versions qualify. */
  readonly prerelease: boolean;
}

/** A parsed constraint: one of the groups must hold. */
export type Constraint = readonly Group[];

/** A comparator's version as written: how many of its parts are numbers, and the rest as zeros. */
interface Partial {
  readonly version: SemVer;
  readonly precision: 0 | 1 | 2 | 3;
}

const HYPHEN_RANGE = /([^\s,]+)\s+-\s+([^\s,]+)/g;
const SEPARATOR = /\s*,\s*|\s+/;
const SPACED_OPERATOR = /([=!<>~^])\s+(?=[vxX*\d])/g;
const COMPARATOR =
  /^(=|!=|>=|=>|<=|=<|>|<|~>|~|\^|)v?(\d+|[xX*])(?:\.(\d+|[xX*]))?(?:\.(\d+|[xX*]))?(-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/;

function parsePartial(
  parts: readonly (string | undefined)[],
  prerelease: string,
): Partial | undefined {
  const wildcard = parts.findIndex((part) => part === undefined || /^[xX*]$/.test(part));
  const numbers = (wildcard === -1 ? parts : parts.slice(0, wildcard)).map(Number);
  const [major = 0, minor = 0, patch = 0] = numbers;
  const version = versionOf(major, minor, patch, prerelease);
  // The cast is exact: parts has three members, so at most three are numbers.
  return version && { version, precision: numbers.length as Partial["precision"] };
}

const inclusive = (version: SemVer | undefined): Bound | undefined =>
  version && { version, inclusive: true };
const exclusive = (version: SemVer | undefined): Bound | undefined =>
  version && { version, inclusive: false };

/** The lowest version, pre-releases included, after every one that agrees in the first `parts` parts. */
function after({ major, minor, patch }: SemVer, parts: 1 | 2 | 3): SemVer | undefined {
  if (parts === 1) return versionOf(major + 1, 0, 0, "-0");
  if (parts === 2) return versionOf(major, minor + 1, 0, "-0");
  return versionOf(major, minor, patch + 1, "-0");
}

function between(low: Bound | undefined, high: Bound | undefined): Range | undefined {
  return low && high && { low, high };
}

function tilde({ version, precision }: Partial): Range | undefined {
  // Masterminds reads ~0.0.0 as "anything from 0.0.0 on".
  const unbounded = precision === 3 && version.compareMain("0.0.0") === 0;
  if (unbounded) return { low: { version, inclusive: true } };
  return between(inclusive(version), exclusive(after(version, precision === 1 ? 1 : 2)));
}

function caret({ version, precision }: Partial): Range | undefined {
  const kept = version.major > 0 || precision === 1
    ? 1
    : version.minor > 0 || precision === 2
    ? 2
    : 3;
  return between(inclusive(version), exclusive(after(version, kept)));
}

function equal(partial: Partial): Range | undefined {
  if (partial.precision < 3) return tilde(partial);
  return between(inclusive(partial.version), inclusive(partial.version));
}

function above({ version, precision }: Partial): Range | undefined {
  const whole = precision === 1 || precision === 2;
  const low = whole ? inclusive(after(version, precision)) : exclusive(version);
  return low && { low };
}

function atMost({ version, precision }: Partial): Range | undefined {
  const whole = precision === 1 || precision === 2;
  const high = whole ? exclusive(after(version, precision)) : inclusive(version);
  return high && { high };
}

function unequal(partial: Partial): Range | undefined {
  const { version, precision } = partial;
  if (precision === 3) return { ...equal(partial), outside: true };
  const low = versionOf(version.major, version.minor, 0, "-0");
  const range = between(inclusive(low), exclusive(after(version, precision === 1 ? 1 : 2)));
  return range && { ...range, outside: true };
}

/** `*` leaves nothing to be above, below or unequal to; every other operator accepts all. */
function wildcard(operator: string): Range {
  return operator === ">" || operator === "<" || operator === "!=" ? { outside: true } : {};
}

function rangeOf(operator: string, partial: Partial): Range | undefined {
  if (partial.precision === 0) return wildcard(operator);
  switch (operator) {
    case "!=":
      return unequal(partial);
    case ">":
      return above(partial);
    case "<":
      return { high: { version: partial.version, inclusive: false } };
    case ">=":
    case "=>":
      return { low: { version: partial.version, inclusive: true } };
    case "<=":
    case "=<":
      return atMost(partial);
    case "~":
    case "~>":
      return tilde(partial);
    case "^":
      return caret(partial);
    default:
      return equal(partial);
  }
}

function parseGroup(text: string): Group | undefined {
  const comparators = text.replace(HYPHEN_RANGE, ">=$1 <=$2").replace(SPACED_OPERATOR, "$1")
    .trim().split(SEPARATOR);
  const ranges: Range[] = [];
  let prerelease = false;
  for (const comparator of comparators) {
    const match = COMPARATOR.exec(comparator);
    if (match === null) return undefined;
    const [, operator = "", major, minor, patch, suffix = ""] = match;
    const partial = parsePartial([major, minor, patch], suffix);
    const range = partial && rangeOf(operator, partial);
    if (range === undefined) return undefined;
    ranges.push(range);
    prerelease ||= suffix !== "";
  }
  return { ranges, prerelease };
}

/**
 * Reads a constraint: comparators joined by comma or space (all must hold), alternatives by `||`.
 *
 * @returns `undefined` when the text is not a constraint.
 */
export function parseConstraint(text: string): Constraint | undefined {
  if (text.length > MAX_VERSION_LENGTH) return undefined;
  const groups: Group[] = [];
  for (const alternative of text.split("||")) {
    const group = parseGroup(alternative);
    if (group === undefined) return undefined;
    groups.push(group);
  }
  return groups;
}

function within(range: Range, version: SemVer): boolean {
  const { low, high } = range;
  if (low !== undefined) {
    const order = version.compare(low.version);
    if (order < 0 || (order === 0 && !low.inclusive)) return false;
  }
  if (high !== undefined) {
    const order = version.compare(high.version);
    if (order > 0 || (order === 0 && !high.inclusive)) return false;
  }
  return true;
}

function accepts(group: Group, version: SemVer): boolean {
  if (version.prerelease.length > 0 && !group.prerelease) return false;
  for (const range of group.ranges) {
    if (within(range, version) === (range.outside === true)) return false;
  }
  return true;
}

/** Whether `version` meets `constraint`. */
export function satisfies(version: SemVer, constraint: Constraint): boolean {
  for (const group of constraint) if (accepts(group, version)) return true;
  return false;
}
