/**
 * Connecting to an MCP server: which transport, which era of the protocol.
 *
 * Over HTTP the server is asked which era it speaks; one that only knows HTTP with SSE of 2024-11-05
 * is found by its refusal (MCP transports §backwards compatibility). A started server is asked in the
 * same way; one that takes that for a reason to end is started again and spoken to as of old.
 *
 * @module
 */
import {
  Client,
  type ClientCapabilities,
  type ConnectOptions,
  SSEClientTransport,
  type Transport,
} from "@modelcontextprotocol/client";
import { MeshError } from "../base/errors.ts";
import { ChildTransport } from "./child_transport.ts";
import { connectionFailure, httpStatus } from "./failure.ts";
import { authorization, fetchFor } from "./http_access.ts";
import { ForeignMessages } from "./foreign_messages.ts";
import { HttpTransport, readableAnswer } from "./http_transport.ts";
import { type CommandTarget, type HttpTarget, isCommand, type Target } from "./target.ts";

/** What {@linkcode connect} needs beside the target. */
export interface ConnectionOptions {
  /** Variables a started server gets beside its own. */
  readonly inherited: Readonly<Record<string, string>>;
  /** Gets every line a started server writes to its standard error. */
  readonly onLine: (line: string) => void;
  /** Gives up. */
  readonly signal: AbortSignal;
  /** What a server of the 2025 era, which is known to be one, may ask in the session. */
  readonly capabilities?: ClientCapabilities | undefined;
}

/** A connection that stands. */
export interface Connection {
  readonly client: Client;
  readonly transport: Transport;
}

/** One way to connect. */
interface Attempt {
  readonly transport: Transport;
  /** What goes through it. */
  readonly messages: ForeignMessages;
  readonly options: ConnectOptions;
  /** Whether the next way may do where this one failed. */
  readonly mayGoOn: (error: unknown) => boolean;
}

/** How long a server may take to say who it is, in milliseconds. */
const HANDSHAKE_MS = 60_000;
/** How long a started server may leave the question for its era unanswered, in milliseconds. */
const PROBE_MS = 15_000;
/** Statuses with which a server that knows only SSE refuses. */
const REFUSALS: ReadonlySet<number | undefined> = new Set([400, 404, 405]);

/**
 * Connects to an MCP server.
 *
 * @throws {MeshError} Why it cannot be used: `unreachable`, `protocol`, `permission_denied`.
 */
export async function connect(target: Target, options: ConnectionOptions): Promise<Connection> {
  const attempts = isCommand(target)
    ? childAttempts(target, options)
    : httpAttempts(target, options);
  let failure: MeshError | undefined;
  for (const attempt of attempts) {
    const { transport, messages, mayGoOn } = attempt;
    const client = newClient(isCommand(target) ? { timeoutMs: PROBE_MS } : {}, options);
    const giveUp = () => void transport.close();
    options.signal.addEventListener("abort", giveUp, { once: true });
    try {
      await client.connect(transport, { timeout: HANDSHAKE_MS, ...attempt.options });
      const { onmessage } = transport;
      transport.onmessage = (message, extra) => onmessage?.(messages.restored(message), extra);
      return { client, transport };
    } catch (error) {
      // Before it is closed here, which is an ending too.
      failure = failureOf(error, transport, target, failure);
      const isOver = !mayGoOn(error);
      await transport.close();
      if (options.signal.aborted) throw options.signal.reason;
      if (isOver) break;
    } finally {
      options.signal.removeEventListener("abort", giveUp);
    }
  }
  throw failure ?? new MeshError("unreachable", `cannot reach ${target.text}`);
}

function newClient(
  probe: { timeoutMs?: number },
  { capabilities = {} }: ConnectionOptions,
): Client {
  return new Client({ name: "mesh", version: "1.0.0" }, {
    capabilities,
    versionNegotiation: { mode: "auto", probe },
  });
}

/** What is told of the ways that failed: of a URL what the first met, of a command what it said last. */
function failureOf(
  error: unknown,
  transport: Transport,
  target: Target,
  before: MeshError | undefined,
): MeshError {
  const ending = transport instanceof ChildTransport ? transport.ending : undefined;
  if (ending !== undefined) return new MeshError("unreachable", ending, { cause: error });
  return before ?? connectionFailure(error, target);
}

function* childAttempts(
  target: CommandTarget,
  { inherited, onLine }: ConnectionOptions,
): Generator<Attempt> {
  const messages = new ForeignMessages();
  const readable = (text: string) => messages.readable(text);
  const env = { ...inherited, ...target.env };
  const start = () => new ChildTransport({ target, env, onLine, readable });
  const transport = start();
  // Whether it ended before it was told to.
  let ended = false;
  transport.onclose = () => ended = true;
  yield { transport, messages, options: {}, mayGoOn: () => ended };
  const prior = { kind: "legacy" } as const;
  yield { transport: start(), messages, options: { prior }, mayGoOn: () => false };
}

function* httpAttempts(
  target: HttpTarget,
  { capabilities }: ConnectionOptions,
): Generator<Attempt> {
  const messages = new ForeignMessages();
  yield {
    transport: new HttpTransport(target, messages),
    messages,
    options: capabilities === undefined ? {} : { prior: { kind: "legacy" } },
    mayGoOn: (error) => REFUSALS.has(httpStatus(error)),
  };
  yield {
    transport: new SSEClientTransport(target.url, {
      ...authorization(target),
      fetch: fetchFor(target),
      eventSourceInit: { fetch: tidily(fetchFor(target), messages) },
    }),
    messages,
    options: { prior: { kind: "legacy" } },
    mayGoOn: () => false,
  };
}

/** Whoever reads a stream of events leaves the text of a refusal unread. */
function tidily(
  fetch: ReturnType<typeof fetchFor>,
  messages: ForeignMessages,
): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    if (response.ok) return await readableAnswer(response, messages);
    await response.body?.cancel();
    return new Response(null, response);
  };
}
