/**
 * What stands between an agent and the MCP server it speaks for: the connection, and the members that
 * come and go with what the server lists. Loaded when the agent is served.
 *
 * @module
 */
import type { Agent } from "../define/agent.ts";
import { AskingSessions } from "./asking_sessions.ts";
import { Following } from "./following.ts";
import { Link } from "./link.ts";
import { Session, type SessionEvents, type SessionRequest } from "./session.ts";
import type { Target } from "./target.ts";
import type { LifespanContext } from "../define/servable.ts";
import type { CheckVerdict } from "../define/health_check.ts";

/** What {@linkcode openBridge} needs. */
export interface BridgeOptions {
  readonly agent: Agent;
  readonly target: Target;
  /** Variables a started server gets beside its own. */
  readonly inherited: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  readonly version: string | undefined;
  /** Whether a server that is away at first keeps the agent from starting. */
  readonly mustConnect: boolean;
  /** Gets what the server says a client should know, before its members are there. */
  readonly onInstructions: (text: string | undefined) => void;
}

/** What sessions beside the first tell of: it tells of the same. */
const SILENT: SessionEvents = {
  listsChanged: () => {},
  resourceUpdated: () => {},
  trouble: () => {},
};

/** A connection to a server, and an agent that shows what it has. */
export interface Bridge extends AsyncDisposable {
  /** Whether the server is there. */
  check(): Promise<CheckVerdict>;
}

/**
 * Connects an agent to its server, and waits for what comes of it.
 *
 * @throws {MeshError} Why the server cannot be used, when it must be there.
 */
export async function openBridge(
  { agent, target, tags, version, inherited, mustConnect, onInstructions }: BridgeOptions,
  { log, checkHealth }: LifespanContext,
): Promise<Bridge> {
  const asking = new AskingSessions({
    server: target.text,
    log,
    open: (signal, capabilities, asked) =>
      Session.open(target, { inherited, log, signal, capabilities }, { ...SILENT, asked }),
  });
  const send = async (request: SessionRequest) =>
    (link.mayAsk && asking.concerns(request) ? await asking.request(request) : undefined) ??
      await link.request(request);
  const following = new Following({
    agent,
    send,
    tags,
    version,
    log,
  });
  const link = new Link({
    target,
    inherited,
    log,
    onSession: async (session) => {
      onInstructions(session.server.instructions);
      asking.renew();
      await following.read(session);
      log.info(`connected to ${target.text}`);
    },
    onChange: checkHealth,
    onListsChanged: (session) => void following.refresh(session),
    onResourceUpdated: (uri) => agent.resources.updated(uri),
  });
  try {
    await link.open();
  } catch (error) {
    if (mustConnect) {
      await link.close();
      throw error;
    }
  }
  return {
    async check() {
      const trouble = await link.check();
      return trouble === undefined
        ? { status: "healthy", checks: { connection: true } }
        : { status: "unhealthy", checks: { connection: false }, errors: [trouble.message] };
    },
    async [Symbol.asyncDispose]() {
      await asking[Symbol.asyncDispose]();
      await link.close();
    },
  };
}
