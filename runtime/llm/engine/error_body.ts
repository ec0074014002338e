/**
 * Failures as endpoints tell them, in whichever of the shapes that vendors and proxies write them: the
 * body of a refused request, or an object in a 200 where an answer should be. Pure.
 *
 * @module
 */
import { boundedJson } from "../../base/bounded_json.ts";
import { asObject, asString, isObject, type JsonObject, memberOf } from "../../base/json.ts";

/** A failure as an endpoint tells it. */
export interface Told {
  /** Its sentences, those of an upstream vendor included. */
  readonly message: string;
  /** Its machine-readable words: codes, types, statuses, of all levels. */
  readonly codes: readonly string[];
  /** The HTTP status it names, if any. */
  readonly status: number | undefined;
  /** The parameter it complains of. */
  readonly param: string | undefined;
  /** How long it asks to wait, in milliseconds. */
  readonly waitMs: number | undefined;
}

/** A shape of a failure. */
export interface ErrorShape {
  readonly vendor: string;
  readonly source: string;
  /** Such a body. */
  readonly example: unknown;
  /** The sentence it has, as {@linkcode Told.message}. */
  readonly says: string;
  /** Whether it is a failure also beside a list of choices. */
  readonly always: boolean;
  /** The part of a body that has the particulars; `undefined` where the body has another shape. */
  find(body: JsonObject): unknown;
}

/** The shapes, the surest first. */
export const ERROR_SHAPES = [
  {
    vendor: "openai",
    source: "OpenAI, Error codes; also Gemini, whose list holds one such body",
    example: { error: { message: "no", type: "invalid_request_error", param: null, code: null } },
    says: "no",
    always: true,
    find: ({ error }) => isObject(error) ? error : undefined,
  },
  {
    vendor: "ollama",
    source: "Ollama docs, API errors; also TGI, which adds error_type",
    example: { error: "model 'x' not found", error_type: "validation" },
    says: "model 'x' not found",
    always: true,
    find: (body) => typeof body["error"] === "string" && body["error"] !== "" ? body : undefined,
  },
  {
    vendor: "minimax",
    source: "MiniMax docs, Error codes: answered with 200",
    example: {
      choices: null,
      base_resp: { status_code: 1008, status_msg: "insufficient balance" },
    },
    says: "insufficient balance",
    always: true,
    find: ({ base_resp: base }) => isObject(base) && Number(base["status_code"]) ? base : undefined,
  },
  {
    vendor: "qianfan",
    source: "Baidu Qianfan docs, Error codes: answered with 200",
    example: { error_code: 336003, error_msg: "the length of messages must be an odd number" },
    says: "the length of messages must be an odd number",
    always: true,
    find: (body) => typeof body["error_msg"] === "string" ? body : undefined,
  },
  {
    vendor: "cloudflare",
    source: "Cloudflare API, Responses",
    example: { success: false, errors: [{ code: 7009, message: "no such model" }], result: null },
    says: "no such model",
    always: false,
    find: ({ errors }) => Array.isArray(errors) ? errors[0] : undefined,
  },
  {
    vendor: "mistral",
    source: "Mistral docs, Errors; vLLM before 0.10; Anthropic's own API says type",
    example: {
      object: "error",
      message: { detail: [{ type: "missing", loc: ["body", "messages"], msg: "Field required" }] },
      type: "invalid_request_error",
      code: 400,
    },
    says: "body.messages: Field required",
    always: true,
    find: (body) => body["object"] === "error" || body["type"] === "error" ? body : undefined,
  },
  {
    vendor: "fastapi",
    source: "FastAPI docs, Handling errors: proxies and servers written with it",
    example: { detail: [{ loc: ["body", "max_tokens"], msg: "Input should be less than 4097" }] },
    says: "body.max_tokens: Input should be less than 4097",
    always: false,
    find: (body) => body["detail"] === undefined ? undefined : { message: body["detail"] },
  },
  {
    vendor: "bedrock",
    source: "Amazon Bedrock, InvokeModel errors; DashScope adds code",
    example: { __type: "ThrottlingException", Message: "Too many tokens, please wait" },
    says: "Too many tokens, please wait",
    always: false,
    find: (body) => body["message"] ?? body["Message"] ?? body["msg"] ? body : undefined,
  },
] as const satisfies readonly ErrorShape[];

/**
 * Returns what a body tells of a failure.
 *
 * @param isRefusal Whether the endpoint has refused the request: then any body is one of a failure.
 * @returns `undefined` when it is an answer.
 */
export function toldBy(body: unknown, isRefusal: boolean): Told | undefined {
  const [first] = Array.isArray(body) ? body : [body];
  if (!isObject(first)) return undefined;
  const isAnswer = !isRefusal && Array.isArray(first["choices"]);
  for (const { find, always } of ERROR_SHAPES) {
    const found = isAnswer && !always ? undefined : find(first);
    if (found !== undefined && found !== null) return told(found, first);
  }
  return undefined;
}

/**
 * Returns what one choice of an answer tells of a failure, as OpenRouter says it of a vendor that broke
 * off.
 */
export function toldByChoice(choice: unknown): Told | undefined {
  if (!isObject(choice)) return undefined;
  const { error } = choice;
  return error === undefined || error === null || error === "" ? undefined : told(error, {});
}

function told(found: unknown, around: JsonObject): Told {
  if (!isObject(found)) return { ...NOTHING, message: sentence(found) };
  const upstream = upstreamOf(found);
  const own = sentence(
    found["message"] ?? found["Message"] ?? found["msg"] ?? found["status_msg"] ??
      found["error_msg"] ?? found["error"] ?? found["detail"] ?? found,
  );
  const levels = [found, around, asObject(found["innererror"])];
  const codes = levels.flatMap((level) => CODE_KEYS.map((key) => level[key]))
    .flatMap((code) => typeof code === "string" || typeof code === "number" ? [`${code}`] : []);
  return {
    message: upstream === undefined || own.includes(upstream.message)
      ? own
      : `${own}: ${upstream.message}`,
    codes: [...new Set([...codes, ...upstream?.codes ?? []])],
    status: codes.map(statusIn).find((status) => status !== undefined) ?? upstream?.status,
    param: asString(found["param"]) ?? upstream?.param,
    waitMs: waitOf(found) ?? upstream?.waitMs,
  };
}

/** A failure of which nothing is told. */
export const NOTHING: Told = {
  message: "",
  codes: [],
  status: undefined,
  param: undefined,
  waitMs: undefined,
};

/** Keys that codes are under. */
const CODE_KEYS = [
  "code",
  "type",
  "status",
  "status_code",
  "statusCode",
  "http_code",
  "error_code",
  "error_type",
  "__type",
];

/** Returns the failure of a vendor behind a router, as far as the router passes it on (OpenRouter, `metadata.raw`). */
function upstreamOf({ metadata }: JsonObject): Told | undefined {
  const raw = isObject(metadata) ? metadata["raw"] : undefined;
  if (typeof raw !== "string") return isObject(raw) ? toldBy(raw, true) : undefined;
  try {
    const body = boundedJson(raw);
    return toldBy(body, true) ?? { ...NOTHING, message: sentence(body) };
  } catch {
    return { ...NOTHING, message: raw };
  }
}

/** An HTTP status that a code is; a number of the vendor's own is not one. */
function statusIn(code: string): number | undefined {
  return /^[45]\d\d$/.test(code) ? Number(code) : undefined;
}

/** The wait in Gemini's details (`google.rpc.RetryInfo`), such as `37s`. */
function waitOf({ details }: JsonObject): number | undefined {
  for (const detail of Array.isArray(details) ? details : []) {
    const delay = asString(memberOf(detail, "retryDelay"));
    const seconds = delay === undefined ? NaN : Number(/^([\d.]+)s$/.exec(delay)?.[1]);
    if (seconds >= 0) return seconds * 1000;
  }
  return undefined;
}

/** Deeper than this no body is read for sentences. */
const DEEPEST = 5;

/** A text, or the texts in a list or an object, each with its place. */
function sentence(value: unknown, depth = 0): string {
  if (typeof value === "string") return value;
  if (depth > DEEPEST) return "…";
  if (Array.isArray(value)) return value.map((item) => sentence(item, depth + 1)).join("; ");
  if (!isObject(value)) return String(value);
  const { loc, msg, message, detail } = value;
  const said = msg ?? message ?? detail;
  if (said === undefined) return JSON.stringify(value);
  const place = Array.isArray(loc) ? `${loc.join(".")}: ` : "";
  return place + sentence(said, depth + 1);
}
