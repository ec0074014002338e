/**
 * The record file of an agent: how `meshctl` knows what an agent process is doing without asking it.
 *
 * @module
 */
import { detailOf } from "../base/error_details.ts";
import { errorText, type MeshError } from "../base/errors.ts";
import type { Member } from "../node/member.ts";
import { Outage } from "../base/outage.ts";
import {
  type AgentRecord,
  AgentRecordSchema,
  type CodeRecord,
  type DataUse,
  type PlannedAgent,
  type ReloadReport,
} from "./plan.ts";
import type { ChildGrant, Permissions } from "../sandbox/grant.ts";
import { addRefusal, readRefusal } from "./refusals.ts";

/**
 * Longest time that the count of a repeated refusal may lag behind, and wait before a record that could
 * not be written is written again, in milliseconds.
 */
const LAG_MS = 1_000;

/**
 * Keeps the record file of one agent up to date. It never throws: a record that cannot be written, on a
 * full disk or without a file descriptor, is written later.
 */
export class RecordFile {
  readonly #path: string;
  #record: AgentRecord;
  #written = "";
  /** Something waits to be written. */
  #lagging = false;
  readonly #outage: Outage;

  /**
   * Writes the first record, in phase `loading`.
   *
   * @param birth What the system tells of when the process began.
   * @param onTrouble Gets what keeps the record from being written, and that it is written again.
   */
  constructor(
    planned: PlannedAgent,
    registry: string,
    birth?: string,
    onTrouble: (message: string) => void = () => {},
  ) {
    this.#path = planned.record;
    this.#outage = new Outage(onTrouble);
    const token = tokenBefore(planned);
    this.#record = {
      name: planned.name,
      file: planned.origin ?? planned.file,
      pid: Deno.pid,
      ...(birth === undefined ? {} : { birth }),
      ...(planned.data === undefined ? {} : { data: planned.data }),
      phase: "loading",
      registry,
      started_at: new Date().toISOString(),
      unresolved: [],
      ...(token === undefined ? {} : { agent_id: planned.agent_id, instance_token: token }),
    };
    this.#write();
  }

  /** What holds the id of the agent, if it had one before. */
  get instanceToken(): string | undefined {
    return this.#record.instance_token;
  }

  /** Follows `member` until the returned function is called. */
  follow(member: Member): () => void {
    const update = () => {
      const { config, askedAt, syncedAt } = member;
      const { error: _, ...record } = this.#record;
      this.#record = {
        ...record,
        name: config.name,
        registry: config.registryUrl,
        phase: member.state === "stopped"
          ? "stopped"
          : member.isRegistered
          ? "registered"
          : "listening",
        agent_id: config.agentId,
        instance_token: config.instanceToken,
        port: member.port,
        endpoint: member.endpoint,
        unresolved: member.unresolved,
        wired_to: [...member.wiredTo],
        drain_ms: config.drainMs,
        ...(member.draining === undefined ? {} : { draining: member.draining }),
        ...routesOf(member),
        ...(askedAt === undefined ? {} : { asked_at: askedAt }),
        ...(syncedAt === undefined ? {} : { synced_at: syncedAt }),
        ...errorOf(member),
      };
      this.#write();
    };
    update();
    return member.onChange(update);
  }

  /** The agent did not start, or its process is going down. */
  failed(error: MeshError): void {
    const { code, message } = error;
    // A reader of the record finds the holder of a port that is taken.
    const port = code === "port_taken" ? detailOf(error, "port") : undefined;
    const taken = port === undefined ? {} : { port };
    this.#record = { ...this.#record, ...taken, phase: "failed", error: { code, message } };
    this.#write();
  }

  /** How far a reload is. */
  reloaded(reload: ReloadReport): void {
    this.#record = { ...this.#record, reload };
    this.#write();
  }

  /** The processes that run its code from now on. */
  code(processes: readonly CodeRecord[]): void {
    this.#record = { ...this.#record, code: [...processes] };
    this.#write();
  }

  /** Notes how much is in its data folder. */
  dataUse(folder: string, use: DataUse): void {
    this.#record = { ...this.#record, data: folder, data_use: use };
    this.#write();
  }

  /**
   * Notes what its code may touch from now on.
   *
   * @param child What of it the process of its code gets, if that has one of its own.
   */
  permissions(permissions: Permissions, child?: ChildGrant): void {
    const { child: _before, ...record } = this.#record;
    this.#record = { ...record, permissions, ...(child && { child }) };
    this.#write();
  }

  /** Its code was refused something; `message` is what Deno says about it. */
  refused(message: string): void {
    const { refusals = [] } = this.#record;
    const { permission, resource } = readRefusal(message);
    const added = addRefusal(refusals, { permission, resource }, new Date());
    this.#record = { ...this.#record, refusals: added };
    if (added.length !== refusals.length) return this.#write();
    // A tool that is refused at every call must not write a file at every call.
    this.#writeLater();
  }

  /** The prompt files it was made of. */
  prompts(paths: string[]): void {
    this.#record = { ...this.#record, prompts: paths };
    this.#write();
  }

  #write(): void {
    const text = JSON.stringify(this.#record);
    if (text === this.#written) return;
    try {
      // A reader sees the old record or the new one, never half of one.
      const draft = `${this.#path}.${Deno.pid}.tmp`;
      // It has a secret.
      Deno.writeTextFileSync(draft, text, { mode: 0o600 });
      Deno.renameSync(draft, this.#path);
      this.#written = text;
      this.#outage.works(`the record ${this.#path} is written again`);
    } catch (error) {
      this.#outage.fails(`the record ${this.#path} cannot be written: ${errorText(error)}`);
      this.#writeLater();
    }
  }

  #writeLater(): void {
    if (this.#lagging) return;
    this.#lagging = true;
    Deno.unrefTimer(setTimeout(() => {
      this.#lagging = false;
      this.#write();
    }, LAG_MS));
  }
}

/** The token in the record that an agent had before, if it keeps its id. */
function tokenBefore({ record, agent_id: id }: PlannedAgent): string | undefined {
  if (id === undefined) return undefined;
  try {
    const before = AgentRecordSchema.parse(JSON.parse(Deno.readTextFileSync(record)));
    return before.agent_id === id ? before.instance_token : undefined;
  } catch {
    // There is none, or nobody can tell what it says.
    return undefined;
  }
}

/** Why an agent is not in the mesh, if anything is known to keep it out. */
function errorOf({ trouble, health }: Member): Pick<AgentRecord, "error"> {
  if (trouble !== undefined) return { error: { code: trouble.code, message: trouble.message } };
  if (health.status !== "unhealthy") return {};
  const message = health.errors?.join("; ") || "its health check says no";
  return { error: { code: "unhealthy", message } };
}

/** What it answers besides MCP; `fetch` stands for whatever no route says. */
function routesOf({ manifest }: Member): Pick<AgentRecord, "routes"> {
  if (manifest.type !== "api") return {};
  return {
    routes: manifest.routes.map(({ key, body }) => ({ route: key, ...(body && { body }) })),
  };
}
