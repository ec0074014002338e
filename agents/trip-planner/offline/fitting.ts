/**
 * Texts and numbers within what a JSON Schema allows. Pure.
 *
 * @module
 */

type Schema = Readonly<Record<string, unknown>>;

/** A text for each format, by the names JSON Schema and zod have for them. */
const FORMATS: Readonly<Record<string, string>> = {
  date: "2026-06-01",
  time: "09:00:00",
  "date-time": "2026-06-01T09:00:00Z",
  duration: "P1D",
  email: "traveller@example.com",
  hostname: "example.com",
  uri: "https://example.com/",
  url: "https://example.com/",
  uuid: "00000000-0000-4000-8000-000000000000",
  guid: "00000000-0000-4000-8000-000000000000",
  ipv4: "192.0.2.1",
  ipv6: "2001:db8::1",
  cidrv4: "192.0.2.0/24",
  cidrv6: "2001:db8::/32",
  base64: "dHJpcA==",
  base64url: "dHJpcA",
  e164: "+12025550123",
  emoji: "🧳",
  nanoid: "000000000000000000000",
  cuid: "c00000000",
  cuid2: "c00000000",
  ulid: "00000000000000000000000000",
  ksuid: "000000000000000000000000000",
  xid: "00000000000000000000",
};

/** More texts to try where a pattern has to match. */
const PROBES = [
  ...Object.values(FORMATS),
  "",
  "a",
  "A",
  "0",
  "1",
  "trip",
  "TRIP",
  "Trip",
  "1.0.0",
  "USD",
  "en",
  "JP",
  "SFO",
  "2026",
  "12:00",
  "#000000",
  "trip-1",
  "trip_1",
];

/**
 * The first of some texts that fits, cut or lengthened where that is all it takes; else one that is
 * made to fit.
 */
export function fittingText(schema: Schema, candidates: readonly string[]): string {
  const { minLength = 0, maxLength = Infinity, pattern, format } = schema;
  const shortest = Number(minLength);
  const longest = Number(maxLength);
  const sized = (text: string) => {
    const cut = [...text].slice(0, longest === Infinity ? undefined : longest).join("");
    return cut.padEnd(shortest, "…");
  };
  const example = typeof format === "string" ? FORMATS[format] : undefined;
  if (typeof pattern !== "string") return example ?? sized(candidates[0] ?? "");
  const expression = expressionOf(pattern);
  if (expression === undefined) return example ?? sized(candidates[0] ?? "");
  const fits = (text: string) =>
    expression.test(text) && text.length >= shortest && text.length <= longest;
  const literal = literalOf(pattern);
  const tried = [
    ...(example === undefined ? [] : [example]),
    ...candidates.flatMap((text) => [text, sized(text), text.toLowerCase(), text.toUpperCase()]),
    literal,
    literal.padEnd(shortest, "a"),
    literal.padStart(shortest, "a"),
    ...PROBES,
    ...["a", "A", "0"].map((character) => character.repeat(Math.max(1, shortest))),
  ];
  return tried.find(fits) ?? example ?? sized(literal);
}

function expressionOf(pattern: string): RegExp | undefined {
  try {
    return new RegExp(pattern, "u");
  } catch {
    return undefined;
  }
}

/** What a pattern asks for literally: `^abc.*` is `abc`. */
function literalOf(pattern: string): string {
  return pattern.replaceAll(/^\^|\$$/g, "").replaceAll(/\.[*+]\??/g, "")
    .replaceAll(/\\(.)/g, "$1");
}

/** The first of some numbers that fits, moved to what is allowed; else the nearest to 0. */
export function fittingNumber(schema: Schema, candidates: readonly number[]): number {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  const step = typeof multipleOf === "number" && multipleOf > 0
    ? multipleOf
    : schema["type"] === "integer"
    ? 1
    : undefined;
  const least = Math.max(limit(minimum, -Infinity), limit(exclusiveMinimum, -Infinity));
  const most = Math.min(limit(maximum, Infinity), limit(exclusiveMaximum, Infinity));
  const fits = (number: number) =>
    number >= least && number <= most && number !== exclusiveMinimum && number !== exclusiveMaximum;
  const moved = (number: number) => {
    const within = Math.min(Math.max(number, least), most);
    if (step === undefined) return within;
    const rounded = [
      Math.round(within / step),
      Math.ceil(within / step),
      Math.floor(within / step),
    ];
    // Adding 0 makes one of the two zeros.
    return rounded.map((times) => times * step + 0).find(fits) ?? within;
  };
  const middle = least === -Infinity
    ? most - 1
    : most === Infinity
    ? least + 1
    : (least + most) / 2;
  const unit = step ?? 1;
  const tried = [...candidates, 0, least, least + unit, most - unit, middle];
  return tried.filter(Number.isFinite).map(moved).find(fits) ?? 0;
}

function limit(value: unknown, otherwise: number): number {
  return typeof value === "number" ? value : otherwise;
}
