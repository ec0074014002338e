/**
 * A registry to test against: in memory, with a clock that only tests move.
 *
 * @module
 */
import type { AgentInfo, Event } from "../../runtime/protocol/listing.ts";
import { AgentListSchema, EventListSchema } from "../../runtime/protocol/listing.ts";
import {
  type HeartbeatResponse,
  HeartbeatResponseSchema,
  type RegistrationInput,
} from "../../runtime/protocol/registration.ts";
import { readConfig } from "../config/config.ts";
import { BreakableKv } from "./kv_fixture.ts";
import type { Lookup } from "../base/lookups.ts";
import type { IsOwnAddress } from "../http/own_addresses.ts";
import type { Peer } from "../http/peer.ts";
import { createRegistry, type Registry } from "../app/registry.ts";

/** What a test may choose. */
export interface MeshOptions {
  /** Variables of the registry. */
  env?: Record<string, string>;
  /** Stands in for the network. */
  fetch?: typeof fetch;
  /** Stands in for name servers. @default names are not looked up */
  lookup?: Lookup;
  /** Addresses of the registry itself. @default none */
  isOwn?: IsOwnAddress;
}

/** The start of test time: an arbitrary moment, milliseconds since the epoch. */
export const START = Date.UTC(2026, 0, 1);

/** Who sends requests unless a test says otherwise: a program of this machine. */
const LOCAL: Peer = { remote: "127.0.0.1" };

/** A registry under test. */
export class TestMesh implements AsyncDisposable {
  /** The present, milliseconds since the epoch. */
  now = START;
  /** What the registry told its operator. */
  readonly log: string[] = [];
  #registry: Registry | undefined;

  private constructor(readonly database: BreakableKv, readonly options: MeshOptions) {}

  /** A registry over an empty database. */
  static async open(options: MeshOptions = {}): Promise<TestMesh> {
    const mesh = new TestMesh(await BreakableKv.open(), options);
    await mesh.restart();
    return mesh;
  }

  async #create(): Promise<Registry> {
    const { env = {}, fetch, lookup = () => Promise.resolve(undefined), isOwn } = this.options;
    return await createRegistry({
      kv: this.database.kv,
      config: readConfig(env).registry,
      now: () => this.now,
      log: (line) => this.log.push(line),
      lookup,
      ...(fetch && { fetch }),
      ...(isOwn && { isOwn }),
    });
  }

  /** Stops the registry and starts another over the same database. */
  async restart(): Promise<void> {
    await this.#registry?.[Symbol.asyncDispose]();
    this.#registry = await this.#create();
  }

  /** Sends a request. */
  async send(path: string, init?: RequestInit, peer: Peer = LOCAL): Promise<Response> {
    return await this.ask(new Request(`http://localhost${path}`, init), peer);
  }

  /** Sends a request that names its own host. */
  async ask(request: Request, peer?: Peer): Promise<Response> {
    if (this.#registry === undefined) throw new Error("the registry is not running");
    return await this.#registry.fetch(request, peer);
  }

  /** Has the registry do all that it does by itself, once. */
  async tend(): Promise<void> {
    await this.#registry?.tend();
  }

  /** Tells the registry to end its streams, as it does before it stops. */
  endStreams(): void {
    this.#registry?.endStreams();
  }

  /** Sends a heartbeat as it is; a millisecond passes first, so that order is order in time. */
  async post(body: unknown): Promise<Response> {
    this.now++;
    const text = typeof body === "string" ? body : JSON.stringify(body);
    return await this.send("/heartbeat", { method: "POST", body: text });
  }

  /** Registers an agent and returns what it is told. */
  async register(agent: RegistrationInput): Promise<HeartbeatResponse> {
    const response = await this.post(agent);
    return HeartbeatResponseSchema.parse(await response.json());
  }

  /** The status of a beat. */
  async beat(id: string): Promise<number> {
    const { status } = await this.send(`/heartbeat/${id}`, { method: "HEAD" });
    return status;
  }

  /** Says goodbye for an agent; the status of the answer. */
  async unregister(id: string): Promise<number> {
    const { status } = await this.send(`/agents/${id}`, { method: "DELETE" });
    return status;
  }

  /** The listing. */
  async agents(query = ""): Promise<AgentInfo[]> {
    const response = await this.send(`/agents${query}`);
    return AgentListSchema.parse(await response.json()).agents;
  }

  /** One agent of the listing. */
  async agent(id: string): Promise<AgentInfo> {
    const found = (await this.agents()).find((agent) => agent.id === id);
    if (found === undefined) throw new Error(`${id} is not listed`);
    return found;
  }

  /** The history, newest first. */
  async events(query = ""): Promise<Event[]> {
    const response = await this.send(`/events${query}`);
    return EventListSchema.parse(await response.json()).events;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#registry?.[Symbol.asyncDispose]();
    this.database[Symbol.dispose]();
  }
}

/** One row of a table of cases, over a fresh registry. */
export function row(
  id: string,
  text: string,
  check: (mesh: TestMesh) => Promise<void>,
  options: MeshOptions = {},
): void {
  Deno.test(`${id}: ${text}`, async () => {
    await using mesh = await TestMesh.open(options);
    await check(mesh);
  });
}

/** An agent that offers one tool for each capability. */
export function provider(
  id: string,
  capabilities: string | readonly string[],
  facts: Partial<RegistrationInput> = {},
): RegistrationInput {
  const list = typeof capabilities === "string" ? [capabilities] : capabilities;
  return {
    agent_id: id,
    http_host: "provider.test",
    http_port: 9000,
    tools: list.map((capability) => ({ function_name: capability, capability })),
    ...facts,
  };
}

/** An agent whose one tool `use` depends on each capability. */
export function consumer(id: string, ...capabilities: string[]): RegistrationInput {
  const dependencies = capabilities.map((capability) => ({ capability }));
  return {
    agent_id: id,
    tools: [{ function_name: "use", capability: `use_${id}`, dependencies }],
  };
}
