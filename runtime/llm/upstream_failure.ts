/**
 * What went wrong at an endpoint, and what to do about it: try again, try another model, leave a
 * parameter out, or give up. Pure. No message of an endpoint leaves here with the key in it.
 *
 * @module
 */
import { errorText, MeshError } from "../errors.ts";
import { retryAfterMs } from "../protocol/retry_after.ts";
import type { ModelEndpoint } from "./endpoint.ts";

/**
 * `temporary`: the same request may succeed later. `permanent`: not at this endpoint. `parameter`:
 * without one parameter. `refused`: the vendor will not have it answered. `too_long`: the
 * conversation does not fit the model.
 */
export type FailureKind = "temporary" | "permanent" | "parameter" | "refused" | "too_long";

/** A failed attempt. */
export class UpstreamFailure extends Error {
  override readonly name = "UpstreamFailure";
  readonly kind: FailureKind;
  readonly status: number | undefined;
  /** How long the endpoint asks to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** The parameter it does not take. */
  readonly parameter: string | undefined;

  /** @param message What happened, in a few words. */
  constructor(
    kind: FailureKind,
    message: string,
    particulars: {
      readonly status?: number | undefined;
      readonly retryAfterMs?: number | undefined;
      readonly parameter?: string | undefined;
    } = {},
  ) {
    super(message);
    this.kind = kind;
    this.status = particulars.status;
    this.retryAfterMs = particulars.retryAfterMs;
    this.parameter = particulars.parameter;
  }
}

/** Longest part of an endpoint's own words that is passed on, in characters. */
const WORDS_MAX = 300;

/** The fields of the `openai` package's errors that are read; a copy of the package is no matter. */
interface ApiError {
  readonly status?: unknown;
  readonly error?: unknown;
  readonly headers?: unknown;
  readonly cause?: unknown;
}

/**
 * What a failed request means.
 *
 * @param error What the `openai` package threw.
 * @param sent Names of the parameters of the request.
 * @param now The time, in milliseconds since the epoch.
 */
export function upstreamFailure(
  error: unknown,
  endpoint: ModelEndpoint,
  sent: readonly string[],
  now: number,
): UpstreamFailure {
  if (error instanceof UpstreamFailure) {
    return new UpstreamFailure(error.kind, withoutSecrets(error.message, endpoint), error);
  }
  const { status, error: body, headers, cause }: ApiError = record(error);
  const particulars = record(Array.isArray(body) ? record(body[0])["error"] ?? body[0] : body);
  const said = stringOf(particulars["message"]) ?? causes(error, cause);
  const words = withoutSecrets(said, endpoint).slice(0, WORDS_MAX);
  if (typeof status !== "number") return new UpstreamFailure("temporary", words);
  const message = `${status} ${words.replace(new RegExp(`^${status} `), "")}`;
  const later = headers instanceof Headers ? retryAfterMs(headers, now) : undefined;
  if (status === 408 || status === 409 || status === 429 || status >= 500) {
    return new UpstreamFailure(isSpent(particulars) ? "permanent" : "temporary", message, {
      status,
      retryAfterMs: later,
    });
  }
  const code = stringOf(particulars["code"]) ?? "";
  if (/content_filter|content_policy/.test(code)) {
    return new UpstreamFailure("refused", message, { status });
  }
  if (code === "context_length_exceeded" || TOO_LONG.test(words)) {
    return new UpstreamFailure("too_long", message, { status });
  }
  const parameter = status === 400 || status === 422
    ? refusedParameter(particulars, words, sent)
    : undefined;
  return new UpstreamFailure(parameter === undefined ? "permanent" : "parameter", message, {
    status,
    parameter,
  });
}

const TOO_LONG = /context (length|window)|prompt is too long|too many tokens|maximum .*tokens/i;

/** Money that is gone comes back by no waiting. */
function isSpent({ code, type }: Record<string, unknown>): boolean {
  return code === "insufficient_quota" || type === "insufficient_quota";
}

/** The parameter an endpoint complains of, if it is one that was sent. */
function refusedParameter(
  { param }: Record<string, unknown>,
  words: string,
  sent: readonly string[],
): string | undefined {
  const named = stringOf(param)?.split(/[.[]/)[0];
  if (named !== undefined && sent.includes(named)) return named;
  if (!NOT_TAKEN.test(words)) return undefined;
  // The longest first: `max_completion_tokens` is not `tokens`.
  return [...sent].sort((a, b) => b.length - a.length).find((name) =>
    new RegExp(`(^|\\W)${RegExp.escape(name).replaceAll("_", "[_ ]")}($|\\W)`).test(words)
  );
}

/** How endpoints say that they do not take something. */
const NOT_TAKEN =
  /support|deprecated|unknown|unrecogni[sz]ed|not (permitted|allowed)|extra inputs|unexpected|invalid|cannot/i;

/** A text in which neither the key nor the credentials of an endpoint's URL are to be found. */
export function withoutSecrets(
  text: string,
  { key = "", baseUrl }: Pick<ModelEndpoint, "key" | "baseUrl">,
): string {
  const secrets = [key, ...credentialsIn(baseUrl)].filter((secret) => secret !== "");
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
  const waits = failures.flatMap(({ failure }) => failure.retryAfterMs ?? []);
  const details = {
    models: failures.map(({ model, failure: { status, message } }) => ({ model, status, message })),
    ...(waits.length === 0 ? {} : { retryAfterMs: Math.min(...waits) }),
  };
  if (last?.kind === "refused") return new MeshError("llm_refused", said, { details });
  if (failures.length > 0 && failures.every(({ failure }) => failure.kind === "too_long")) {
    return new MeshError("llm_limit", `${said}; shorten the conversation`, { details });
  }
  return new MeshError("llm_upstream", said, { details });
}

function causes(error: unknown, cause: unknown): string {
  const text = errorText(error);
  return cause instanceof Error ? `${text.replace(/\.$/, "")}: ${errorText(cause)}` : text;
}

function record(value: unknown): Record<string, unknown> {
  // Fields of an error live on the object itself, its class's as well as its own.
  return typeof value === "object" && value !== null ? value as Record<string, unknown> : {};
}

function stringOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
