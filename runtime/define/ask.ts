/**
 * Asking back: what a handler may ask of the MCP client that called (elicitation, sampling, roots),
 * written once for both eras of the protocol. Where the client cannot be asked while the call is
 * open, the call ends with the questions (MCP 2026-07-28, multi-round-trip requests) and comes again
 * with the answers; the handler then runs from its beginning, and what was answered is at hand.
 *
 * @module
 */
import * as z from "zod";
import { checkDefinition } from "./check/check.ts";
import { form, isZod } from "./check/schema_kind.ts";
import { errorText, MeshError } from "../base/errors.ts";
import { amount, list, number, object, text, word } from "./check/kind.ts";
import { shape } from "./check/shape.ts";
import { texts } from "./check/lists.ts";

/** The request of `sample()`. */
const SAMPLING_REQUEST = shape<SamplingRequest>("a sampling request", {
  messages: list(
    shape<SamplingRequest["messages"][number]>("a message", {
      role: word({ user: true, assistant: true }),
      content: object,
    }, { required: ["role", "content"] }),
    '[{ role: "user", content: { type: "text", text: "…" } }]',
  ),
  maxTokens: amount,
  systemPrompt: text,
  temperature: number,
  stopSequences: texts,
  modelPreferences: object,
}, { required: ["messages", "maxTokens"] });

/** A question as MCP writes it: the request a client gets. */
export interface InputRequest {
  readonly method: "elicitation/create" | "sampling/createMessage" | "roots/list";
  readonly params?: Readonly<Record<string, unknown>>;
}

/** One question to the client, and how its answer is read. */
export interface Question<A> {
  readonly request: InputRequest;
  /** The capability of a client that can answer it. */
  readonly capability: Readonly<Record<string, unknown>>;
  /** The answer, or `undefined` when it does not fit and has to be asked again. */
  readonly read: (answer: unknown) => A | undefined;
}

/** Questions by key. */
export type Questions = Readonly<Record<string, Question<unknown>>>;

/** Their answers, by the same keys. */
export type Answers<Q extends Questions> = {
  readonly [K in keyof Q]: Q[K] extends Question<infer A> ? A : never;
};

/**
 * Asks the client and resolves with its answers, by the keys of the questions. All questions of one
 * call are asked together. What stands before `ask` in a handler may run again, so ask first and act
 * afterwards; a key that was answered is not asked again.
 *
 * @throws {MeshError} `cannot_ask` when the caller is no client that can answer; catch it to go on
 * without.
 *
 * @example
 * ```ts
 * import { elicit, tool } from "mesh";
 * import { z } from "zod";
 *
 * const book = tool({ input: z.object({ flight: z.string() }) }, async ({ flight }, { ask }) => {
 *   const { sure } = await ask({
 *     sure: elicit(`Book ${flight}?`, z.object({ confirmed: z.boolean() })),
 *   });
 *   return sure.action === "accept" && sure.content.confirmed ? "booked" : "left alone";
 * });
 * ```
 */
export type Ask = <const Q extends Questions>(questions: Q) => Promise<Answers<Q>>;

/** What a person did with a form: filled it in, said no, or closed it. */
export type Elicited<T> =
  | { readonly action: "accept"; readonly content: T }
  | { readonly action: "decline" }
  | { readonly action: "cancel" };

/** A message a client's language model wrote (MCP `CreateMessageResult`). */
export interface Sampled {
  readonly role: string;
  readonly content: unknown;
  readonly model: string;
  readonly stopReason?: string | undefined;
}

/** A folder or file the client works on. */
export interface Root {
  readonly uri: string;
  readonly name?: string | undefined;
}

/** What a language model is asked (MCP `CreateMessageRequest`). */
export interface SamplingRequest {
  readonly messages: readonly {
    readonly role: "user" | "assistant";
    readonly content: Readonly<Record<string, unknown>>;
  }[];
  readonly maxTokens: number;
  readonly systemPrompt?: string;
  readonly temperature?: number;
  readonly stopSequences?: readonly string[];
  readonly modelPreferences?: Readonly<Record<string, unknown>>;
}

const Declined = z.object({ action: z.enum(["decline", "cancel"]) });
const SampledSchema = z.object({
  role: z.string(),
  content: z.unknown(),
  model: z.string(),
  stopReason: z.string().optional(),
});
const RootsSchema = z.object({
  roots: z.array(z.object({ uri: z.string(), name: z.string().optional() })),
});

/**
 * A form for a person to fill in (MCP elicitation, form mode).
 *
 * @param message What it is about.
 * @param schema The fields: an object of text, numbers, booleans and choices, as zod schema, or as the
 * JSON Schema to send, whose content then comes back unchecked.
 * @throws {MeshError} `bad_definition` for a schema without a JSON Schema form.
 */
export function elicit<S extends z.ZodObject>(
  message: string,
  schema: S,
): Question<Elicited<z.output<S>>>;
export function elicit(
  message: string,
  schema: Readonly<Record<string, unknown>>,
): Question<Elicited<Record<string, unknown>>>;
export function elicit(
  message: string,
  schema: z.ZodObject | Readonly<Record<string, unknown>>,
): Question<Elicited<Record<string, unknown>>> {
  checkDefinition(form, "the schema of elicit()", schema);
  const content = isZod(schema) ? schema : z.record(z.string(), z.unknown());
  const accepted = z.object({ action: z.literal("accept"), content });
  return {
    request: {
      method: "elicitation/create",
      params: { message, requestedSchema: isZod(schema) ? formSchema(schema) : schema },
    },
    capability: { elicitation: { form: {} } },
    read: reader(z.union([accepted, Declined])),
  };
}

/**
 * A page for a person to visit, for what must not pass through the client, such as a password (MCP
 * elicitation, URL mode).
 *
 * @param message Why.
 * @param url Where; the page itself has to know when the person is done.
 */
export function elicitUrl(
  message: string,
  url: string | URL,
): Question<{ readonly action: "accept" | "decline" | "cancel" }> {
  return {
    request: {
      method: "elicitation/create",
      params: { mode: "url", message, url: String(url), elicitationId: crypto.randomUUID() },
    },
    capability: { elicitation: { url: {} } },
    read: reader(z.object({ action: z.enum(["accept", "decline", "cancel"]) })),
  };
}

/**
 * A message for the client's language model to write (MCP sampling).
 *
 * @throws {MeshError} `bad_definition` that says what is wrong with the request.
 */
export function sample(request: SamplingRequest): Question<Sampled> {
  checkDefinition(SAMPLING_REQUEST, "sample", request);
  return {
    request: { method: "sampling/createMessage", params: { ...request } },
    capability: { sampling: {} },
    read: reader(SampledSchema),
  };
}

/** The folders the client works on (MCP roots). */
export function listRoots(): Question<readonly Root[]> {
  const read = reader(RootsSchema);
  return {
    request: { method: "roots/list" },
    capability: { roots: {} },
    read: (answer) => read(answer)?.roots,
  };
}

function reader<S extends z.ZodType>(schema: S): (answer: unknown) => z.output<S> | undefined {
  return (answer) => schema.safeParse(answer).data;
}

function formSchema(schema: z.ZodObject): Record<string, unknown> {
  try {
    const { type, properties, required } = z.toJSONSchema(schema, { io: "input" });
    return required === undefined ? { type, properties } : { type, properties, required };
  } catch (cause) {
    throw new MeshError(
      "bad_definition",
      `a form cannot be made of this schema: ${
        errorText(cause)
      }; use text, numbers, booleans and enums`,
      { cause },
    );
  }
}

/** Thrown through a handler that has to wait for answers; never seen outside the runtime. */
export class Unanswered extends Error {
  override readonly name = "Unanswered";

  /**
   * @param requests The questions that have no answer yet, by key.
   * @param state What comes back with the answers; see {@linkcode Forwarding}.
   */
  constructor(
    readonly requests: Readonly<Record<string, InputRequest>>,
    readonly state?: unknown,
  ) {
    super("this call ends here and comes again with the client's answers; let this error pass");
  }
}

/** The part of {@linkcode Ask} that one call needs. */
export interface AskOptions {
  /** What the client can be asked for; `undefined` when it did not introduce itself. */
  readonly capabilities: Readonly<Record<string, unknown>> | undefined;
  /** What was answered before, by key. */
  readonly answers: Readonly<Record<string, unknown>>;
  /** Told of what has to be asked before {@linkcode Unanswered} is thrown. */
  readonly onUnanswered: (unanswered: Unanswered) => void;
}

/** The `ask` of one call. */
export function askWith(options: AskOptions): Ask {
  const { capabilities, answers, onUnanswered } = options;
  return <Q extends Questions>(questions: Q): Promise<Answers<Q>> => {
    const read: Record<string, unknown> = {};
    const missing: Record<string, InputRequest> = {};
    for (const [key, question] of Object.entries(questions)) {
      const answer = Object.hasOwn(answers, key) ? question.read(answers[key]) : undefined;
      if (answer !== undefined) read[key] = answer;
      else if (!canAnswer(capabilities, question.capability)) {
        return Promise.reject(cannot(question));
      } else missing[key] = question.request;
    }
    // Each key holds what its own question read.
    if (Object.keys(missing).length === 0) return Promise.resolve(read as Answers<Q>);
    const unanswered = new Unanswered(missing);
    onUnanswered(unanswered);
    return Promise.reject(unanswered);
  };
}

/**
 * What a handler that hands its call on to somebody else needs instead of {@linkcode Ask}: the other
 * one's questions end the call, and when it comes again with the answers it goes on where that one
 * was, not from the beginning.
 */
export interface Forwarding {
  /** What came with the questions that are answered; `undefined` when nothing was asked yet. */
  readonly state: unknown;
  /** The answers to these questions, by key. */
  readonly answers: Readonly<Record<string, unknown>>;
  /**
   * Ends the call with questions.
   *
   * @param state Plain data to come back with the answers; the client can read it, not change it.
   * @throws {MeshError} `cannot_ask`.
   */
  ask(questions: Questions, state: unknown): Promise<never>;
}

/** Where a handler's context holds its {@linkcode Forwarding}, which is not for agents. */
export const FORWARDING: unique symbol = Symbol("forwarding");

/** The forwarding of a call whose handler has this context. */
export function forwardingOf(context: object): Forwarding {
  // Every context has one; its type shows what agents may use.
  return (context as { readonly [FORWARDING]: Forwarding })[FORWARDING];
}

/** Among the answers of a call, what came with the questions of a {@linkcode Forwarding}. */
export const STATE_KEY = "mesh/state";

/** The forwarding of one call. */
export function forwardWith({ capabilities, answers, onUnanswered }: AskOptions): Forwarding {
  const { [STATE_KEY]: state, ...others } = answers;
  return {
    state,
    answers: others,
    ask: (questions, state) => {
      const all = Object.entries(questions);
      const beyond = all.find(([, { capability }]) => !canAnswer(capabilities, capability));
      if (beyond !== undefined) return Promise.reject(cannot(beyond[1]));
      const requests = Object.fromEntries(all.map(([key, { request }]) => [key, request]));
      const unanswered = new Unanswered(requests, state);
      onUnanswered(unanswered);
      return Promise.reject(unanswered);
    },
  };
}

/** Whether a client with these capabilities can answer what needs those. */
export function canAnswer(
  capabilities: AskOptions["capabilities"] = {},
  needed: Readonly<Record<string, unknown>>,
): boolean {
  return Object.entries(needed).every(([name, mode]) => {
    const offered = capabilities[name];
    if (typeof offered !== "object" || offered === null) return false;
    // A client that names no mode of elicitation fills in forms (MCP elicitation §capabilities).
    const modes = Object.keys(offered);
    return Object.keys(mode as object).every((needs) =>
      modes.includes(needs) || (modes.length === 0 && needs === "form")
    );
  });
}

function cannot({ request, capability }: Question<unknown>): MeshError {
  const [name] = Object.keys(capability);
  return new MeshError(
    "cannot_ask",
    `this needs ${request.method} of the caller, who does not offer "${name}"; call it from a client that does`,
    { details: { requiredCapabilities: capability } },
  );
}
