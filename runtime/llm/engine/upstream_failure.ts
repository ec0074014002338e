/**
 * What went wrong at an endpoint, and what to do about it: try again, try another model, leave a
 * parameter or a tool out, ask for less, or give up. What was said is judged as it was said; no message
 * of an endpoint leaves here with the key in it. Pure.
 *
 * @module
 */
import { errorText, MeshError } from "../../base/errors.ts";
import { boundedJson } from "../../base/bounded_json.ts";
import { cutText } from "../../base/cut_text.ts";
import { retryAfterMs } from "../../base/retry_after.ts";
import type { ModelEndpoint } from "./endpoint.ts";
import { type Told, toldBy } from "./error_body.ts";
import { FAILURE_CODES, type FailureMeaning } from "./failure_codes.ts";
import { FAILURE_WORDS } from "./failure_words.ts";
import { toolRefusedIn } from "./refused_tool.ts";
import { ruleMissed } from "./wire_rules.ts";

/**
 * `temporary`: the same request may succeed later. `permanent`: not at this endpoint. `parameter`:
 * without one parameter, or with less of it. `tool`: without one tool. `form`: by one rule more.
 * `refused`: the vendor will not have it answered. `too_long`: the conversation does not fit the model.
 */
export type FailureKind =
  | "temporary"
  | "permanent"
  | "parameter"
  | "tool"
  | "form"
  | "refused"
  | "too_long";

/** Particulars of a failure. */
export interface FailureParticulars {
  readonly status?: number | undefined;
  /** How long the endpoint asks to wait, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /** The parameter it does not take, or not so much of. */
  readonly parameter?: string | undefined;
  /** The most of the parameter that it takes, where it says so. */
  readonly most?: number | undefined;
  /** Whether that is so for this conversation alone. */
  readonly onlyNow?: boolean | undefined;
  /** The name of the tool it does not take; without one it takes `most` tools. */
  readonly tool?: string | undefined;
  /** The name of the rule that it has. */
  readonly rule?: string | undefined;
}

/** A failed attempt. */
export class UpstreamFailure extends Error {
  override readonly name = "UpstreamFailure";
  readonly kind: FailureKind;
  readonly particulars: FailureParticulars;

  /** @param message What happened, in a few words. */
  constructor(kind: FailureKind, message: string, particulars: FailureParticulars = {}) {
    super(message);
    this.kind = kind;
    this.particulars = particulars;
  }
}

/** Parts of a request that endpoints complain of. */
export interface Sent {
  /** Names of the parameters that can be left out. */
  readonly parameters: readonly string[];
  /** The most tokens of an answer, under the name they were sent with. */
  readonly limit?: { readonly name: string; readonly value: number } | undefined;
  /** Names of the tools, in their order. */
  readonly tools: readonly string[];
  /** Names of the rules for tools and messages that it keeps. */
  readonly rules: readonly string[];
}

/** A failure as an endpoint told it, on its way to being judged. */
export class ToldFailure extends Error {
  override readonly name = "ToldFailure";
  readonly told: Told;

  constructor(told: Told) {
    super(told.message);
    this.told = told;
  }
}

/**
 * Reads a refusal.
 *
 * @param text The body.
 * @param now The time, in milliseconds since the epoch.
 */
export function refusal(
  { status, headers }: Pick<Response, "status" | "headers">,
  text: string,
  now: number,
): ToldFailure {
  const told = toldBy(parsed(text), true);
  const said = told?.message ?? plainText(text);
  return new ToldFailure({
    message: said === "" ? "it says nothing more" : said,
    codes: told?.codes ?? [],
    status,
    param: told?.param,
    waitMs: retryAfterMs(headers, now) ?? told?.waitMs,
  });
}

/** Longest part of an endpoint's own words that is passed on, in UTF-16 code units. */
const WORDS_MAX = 300;

/** Returns what a failed request means. */
export function upstreamFailure(
  error: unknown,
  endpoint: Pick<ModelEndpoint, "key" | "baseUrl">,
  sent: Sent,
): UpstreamFailure {
  if (error instanceof UpstreamFailure) {
    return new UpstreamFailure(error.kind, shownWords(error.message, endpoint), error.particulars);
  }
  const told = toldIn(error);
  if (told === undefined) {
    return new UpstreamFailure("temporary", shownWords(causes(error), endpoint));
  }
  const { kind, ...particulars } = judged(told, sent);
  const status = told.status === undefined ? "" : `${told.status} `;
  return new UpstreamFailure(kind, status + shownWords(told.message, endpoint), {
    status: told.status,
    retryAfterMs: told.waitMs,
    ...particulars,
  });
}

/** The package wraps whatever its `fetch` throws. */
function toldIn(error: unknown): Told | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof ToldFailure) return at.told;
  }
  return undefined;
}

type Judgement = { readonly kind: FailureKind } & FailureParticulars;

/** Longest part of an endpoint's words that is judged: a page of them says no more. */
const JUDGED_MAX = 8_000;

function judged(given: Told, sent: Sent): Judgement {
  const told = { ...given, message: cutText(given.message, JUDGED_MAX) };
  const words = FAILURE_WORDS.find(({ words }) => words.test(told.message));
  const code = codeMeaning(told);
  const status = told.status ?? (typeof code === "number" ? code : undefined);
  const match = words?.words.exec(told.message)?.groups;
  // The sentence is the more exact of the two where it is about the limit of the answer.
  const means = words?.means === "limit" || typeof code !== "string" ? words?.means ?? code : code;
  switch (means) {
    case "limit":
      return lowered(told.message, sent) ?? { kind: "permanent" };
    case "too_long":
      return roomLeft(match, sent) ?? { kind: "too_long" };
    case "temporary":
    case "permanent":
    case "refused":
      return { kind: means };
  }
  const rule = ruleMissed(told.message, sent.rules);
  if (rule !== undefined) return { kind: "form", rule };
  if (status === 413) return { kind: "too_long" };
  if (status === undefined || RETRIED.has(status) || status >= 500) return { kind: "temporary" };
  return status === 400 || status === 422
    ? refusedTool(told, sent) ?? refusedParameter(told, sent) ?? { kind: "permanent" }
    : { kind: "permanent" };
}

/** A code with a meaning of its own says more than one that stands for a status. */
function codeMeaning({ codes }: Told): FailureMeaning | number | undefined {
  const known = FAILURE_CODES.filter(({ code }) => codes.includes(code)).map(({ means }) => means);
  return known.find((means) => typeof means === "string") ?? known[0];
}

/** Statuses below 500 after which the same request may succeed; 424 and 498 are Bedrock's and Groq's. */
const RETRIED = new Set([408, 409, 424, 425, 429, 498, 499]);

/** A limit of the answer that is above the model's. */
function lowered(message: string, { limit }: Sent): Judgement | undefined {
  if (limit === undefined) return undefined;
  // Numbers that are part of a model's name are not meant.
  const numbers = Array.from(
    message.matchAll(/(?<![\w.,-])\d[\d,]*(?![\w-])/g),
    ([digits]) => Number(digits.replaceAll(",", "")),
  );
  const most = Math.max(0, ...numbers.filter((number) => number > 1 && number < limit.value));
  // Where no number is told, the endpoint's own limit has to do.
  if (most === 0) return { kind: "parameter", parameter: limit.name, most, onlyNow: true };
  const isExclusive = new RegExp(`less than ${most}\\b|${most} \\(exclusive\\)`).test(message);
  return { kind: "parameter", parameter: limit.name, most: most - Number(isExclusive) };
}

/** Least room for an answer that is worth asking for, in tokens. */
const ROOM_MIN = 256;

/** A conversation that fits, but not together with the answer that was asked for. */
function roomLeft(
  groups: Readonly<Record<string, string | undefined>> | undefined,
  { limit }: Sent,
): Judgement | undefined {
  if (limit === undefined) return undefined;
  const lowered = { kind: "parameter", parameter: limit.name, onlyNow: true } as const;
  // Without a limit, the endpoint gives what room there is.
  if (groups?.["least"] !== undefined) return { ...lowered, most: 0 };
  const room = Number(groups?.["most"]) - Number(groups?.["input"]);
  return room >= ROOM_MIN && room < limit.value ? { ...lowered, most: room } : undefined;
}

function refusedTool({ message, param }: Told, { tools }: Sent): Judgement | undefined {
  const found = toolRefusedIn(`${param ?? ""} ${message}`, tools);
  return found && { kind: "tool", ...found };
}

/** The parameter an endpoint complains of, if it is one that was sent. */
function refusedParameter({ message, param }: Told, { parameters }: Sent): Judgement | undefined {
  const named = param?.split(/[.[]/)[0];
  if (named !== undefined && parameters.includes(named)) {
    return { kind: "parameter", parameter: named };
  }
  if (!NOT_TAKEN.test(message)) return undefined;
  // The longest first: `max_completion_tokens` is not `tokens`.
  const parameter = [...parameters].sort((a, b) => b.length - a.length).find((name) =>
    new RegExp(`(^|\\W)${RegExp.escape(name).replaceAll("_", "[_ ]")}($|\\W)`).test(message)
  );
  return parameter === undefined ? undefined : { kind: "parameter", parameter };
}

/** How endpoints say that they do not take something. */
const NOT_TAKEN =
  /support|deprecated|unknown|unrecogni[sz]ed|not (permitted|allowed)|extra inputs|unexpected|invalid|cannot/i;

/** Returns words of an endpoint as they may be shown. */
export function shownWords(text: string, endpoint: Pick<ModelEndpoint, "key" | "baseUrl">): string {
  return cutText(withoutSecrets(text, endpoint), WORDS_MAX);
}

/** A shorter key is a placeholder, and its letters are in any sentence. */
const KEY_MIN = 8;

/**
 * Returns a text in which neither the key nor the credentials of an endpoint's URL are to be found,
 * neither as they are nor as a part of an address.
 */
export function withoutSecrets(
  text: string,
  { key = "", baseUrl }: Pick<ModelEndpoint, "key" | "baseUrl">,
): string {
  const keys = key.length < KEY_MIN ? [] : [key, encodeURIComponent(key)];
  const secrets = [...keys, ...credentialsIn(baseUrl)].filter((secret) => secret !== "");
  return secrets.reduce((rest, secret) => rest.replaceAll(secret, "[key]"), text);
}

/** Credentials of a URL: as they are sent instead of a key, and as they are written. */
function credentialsIn(url: string): string[] {
  const { username = "", password = "" } = URL.parse(url) ?? {};
  if (username === "" && password === "") return [];
  const [user, word] = [decoded(username), decoded(password)];
  // Without a password the name is the secret.
  const parts = password === "" ? [user, username] : [word, password];
  const sent = new TextEncoder().encode(`${user}:${word}`).toBase64();
  return [sent, `${user}:${word}`, `${username}:${password}`, ...parts];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What is left to tell the caller when no model answered. */
export function noAnswer(
  failures: readonly { readonly model: string; readonly failure: UpstreamFailure }[],
): MeshError {
  const last = failures.at(-1)?.failure;
  const said = failures.map(({ model, failure }) => `${model} did not answer: ${failure.message}`)
    .join("; ");
  const waits = failures.flatMap(({ failure }) => failure.particulars.retryAfterMs ?? []);
  const details = {
    models: failures.map(({ model, failure: { particulars, message } }) => ({
      model,
      status: particulars.status,
      message,
    })),
    ...(waits.length === 0 ? {} : { retryAfterMs: Math.min(...waits) }),
  };
  if (last?.kind === "refused") return new MeshError("llm_refused", said, { details });
  if (failures.length > 0 && failures.every(({ failure }) => failure.kind === "too_long")) {
    return new MeshError("llm_limit", `${said}; shorten the conversation`, { details });
  }
  return new MeshError("llm_upstream", said, { details });
}

function causes(error: unknown): string {
  const text = errorText(error);
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error ? `${text.replace(/\.$/, "")}: ${errorText(cause)}` : text;
}

function parsed(text: string): unknown {
  try {
    return boundedJson(text);
  } catch {
    return undefined;
  }
}

/** The words of a page that a gateway shows, or of any text that is not JSON. */
function plainText(text: string): string {
  // In steps that each read the text once, however it is written.
  const pieces = text.split(/<\/(?:style|script)>/i);
  const last = pieces.length - 1;
  return pieces.map((piece, at) => at === last ? piece : piece.replace(UNSHOWN, "")).join(" ")
    .replaceAll(/<[^<>]*>/g, " ").replaceAll(/\s+/g, " ").trim();
}

/** The beginning of what a page does not show, and all after it. */
const UNSHOWN = /<(?:style|script)\b[\s\S]*$/i;
