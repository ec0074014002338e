/**
 * Where the directory lives in Deno KV, and the only module that writes it. Every change is one
 * atomic commit, so a process killed at any moment leaves a database the next one starts from.
 *
 * | key | value |
 * |---|---|
 * | `["agent", id, part]` | the registration, JSON over as many values as it needs |
 * | `["answered", id, part]` | what the agent was last told, likewise |
 * | `["life", id]` | status, last beat at the time of the change, until when it is suspect |
 * | `["seen", id]` | last beat, written often and outside of changes; only ever grows |
 * | `["event", n, i]` | event i of change n |
 * | `["event_of", id, n, i]` | the same event, by agent |
 * | `["epoch"]` | number of the latest change of the directory |
 * | `["change", n]` | which agents change n touched, and when |
 * | `["sweeping"]` | until when some instance sweeps |
 *
 * The epoch is checked by every commit that changes the directory: change numbers have no gaps,
 * whoever writes them, and no change is made by an instance that has not seen all before it.
 *
 * @module
 */
import { within } from "../../runtime/base/within.ts";
import type { Answered } from "./answered.ts";
import { insist } from "./contention.ts";
import { type DocumentKind, Documents } from "./documents.ts";
import type { Entry, Life } from "./entry.ts";
import { Events, type Happening } from "./events.ts";
import { DOCUMENT_BYTES, partsBytes, toParts } from "./parts.ts";
import type { AgentRecord } from "./record.ts";

/** An agent as the database has it. */
export interface StoredAgent {
  record: AgentRecord;
  life: Life;
  answered: Answered | undefined;
}

/** One agent's part in a change; absent fields stay as they are. */
export interface AgentChange {
  record: AgentRecord;
  life?: Life;
  /** Write the registration too. */
  rewrite?: boolean;
  /** What the agent is told. */
  answered?: Answered;
  happenings?: readonly Happening[];
  /** Forget the agent. */
  purge?: boolean;
}

/** What others have changed. */
export interface News {
  /** Whether `agents` is the whole directory: too much has happened to follow one by one. */
  readonly everything: boolean;
  /** By id; `undefined` for those that are gone. */
  readonly agents: ReadonlyMap<string, StoredAgent | undefined>;
}

/** Agents of one commit: at most 6 mutations each without documents, of the 1000 a commit may have. */
export const CHANGES_A_COMMIT = 150;
/** Beats of one commit. */
const BEATS_A_COMMIT = 500;
/** How long change rows stay for others to follow. */
const CHANGE_KEPT_MS = 600_000;
/** Documents of one commit, bytes; under KV's 819,200 with room for events and keys. */
const COMMIT_BYTES = 760_000;
/** Agents read at the same time. */
const READS_AT_ONCE = 32;
/** Beyond this many last beats it is cheaper to read all. */
const FEW_BEATS = 200;
/** How long a sweep keeps others from sweeping; one that died with its instance is over then. */
const SWEEP_LEASE_MS = 60_000;

/** The directory's keys and commits. */
export class Store {
  readonly events: Events;
  readonly #kv: Deno.Kv;
  readonly #documents: Documents;
  #epoch: Deno.KvEntryMaybe<number> = { key: ["epoch"], value: null, versionstamp: null };

  constructor(kv: Deno.Kv) {
    this.#kv = kv;
    this.events = new Events(kv);
    this.#documents = new Documents(kv);
  }

  /** Number of the latest change this instance has seen. */
  get epoch(): number {
    return this.#epoch.value ?? 0;
  }

  /** Number of the latest change the database has. */
  async latest(): Promise<number> {
    return (await this.#kv.get<number>(["epoch"])).value ?? 0;
  }

  /** All agents the database has. */
  async load(): Promise<StoredAgent[]> {
    // The epoch first: what changes while the rest is read is followed afterwards.
    this.#epoch = await this.#kv.get<number>(["epoch"]);
    return [...(await this.#everything()).values()];
  }

  /** What has changed since this instance last looked; `undefined` when nothing has. */
  async news(): Promise<News | undefined> {
    const epoch = await this.#kv.get<number>(["epoch"]);
    if (epoch.versionstamp === this.#epoch.versionstamp) return undefined;
    const ids = await this.#touched(this.epoch, epoch.value ?? 0);
    const news = ids === undefined
      ? { everything: true, agents: await this.#everything() }
      : { everything: false, agents: await this.#read([...ids]) };
    this.#epoch = epoch;
    return news;
  }

  /**
   * Commits one change of at most {@linkcode CHANGES_A_COMMIT} agents.
   *
   * @returns Whether it is made; not when another instance made one that this has not seen.
   */
  async change(changes: readonly AgentChange[], now: number): Promise<boolean> {
    const next = this.epoch + 1;
    const row = { agents: changes.map(({ record }) => record.id), at: now };
    const commit = this.#kv.atomic().check(this.#epoch).set(["epoch"], next)
      .set(["change", next], row);
    const written: (() => void)[] = [];
    let events = 0;
    for (const change of changes) {
      const { record, life, happenings = [] } = change;
      for (const happening of happenings) {
        this.events.add(commit, record, happening, now, [next, events++]);
      }
      if (life !== undefined) commit.set(["life", record.id], life);
      if (change.purge) commit.delete(["life", record.id]).delete(["seen", record.id]);
      for (const [kind, parts] of documents(change)) {
        this.#documents.set(commit, kind, record.id, parts);
        written.push(() => this.#documents.written(kind, record.id, parts.length));
      }
    }
    const result = await insist(() => commit.commit());
    if (!result.ok) return false;
    this.#epoch = { key: ["epoch"], value: next, versionstamp: result.versionstamp };
    for (const note of written) note();
    return true;
  }

  /** Commits beats, many in one commit; a later beat written elsewhere stays. */
  async beats(entries: readonly Entry[]): Promise<void> {
    for (let start = 0; start < entries.length; start += BEATS_A_COMMIT) {
      const commit = this.#kv.atomic();
      for (const { id, seen } of entries.slice(start, start + BEATS_A_COMMIT)) {
        commit.max(["seen", id], BigInt(seen));
      }
      await insist(() => commit.commit());
    }
  }

  /** When agents were last heard of by any instance, milliseconds since the epoch. */
  async seen(ids: readonly string[]): Promise<Map<string, number>> {
    if (ids.length > FEW_BEATS) return await this.#allSeen();
    const seen = new Map<string, number>();
    await inBatches(ids, async (id) => {
      const { value } = await this.#kv.get<Deno.KvU64>(["seen", id]);
      if (value !== null) seen.set(id, Number(value.value));
    });
    return seen;
  }

  /**
   * Makes this instance the one that sweeps.
   *
   * @returns How to end it; `undefined` while another instance sweeps.
   */
  async claimSweep(now: number): Promise<(() => Promise<void>) | undefined> {
    const key = ["sweeping"];
    const lease = await this.#kv.get<number>(key);
    if (lease.value !== null && lease.value > now) return undefined;
    const commit = this.#kv.atomic().check(lease).set(key, now + SWEEP_LEASE_MS);
    const claim = await insist(() => commit.commit());
    return claim.ok ? () => insist(() => this.#kv.delete(key)) : undefined;
  }

  /** Deletes change rows too old to be followed. */
  async trimChanges(now: number): Promise<void> {
    const kept = now - CHANGE_KEPT_MS;
    for await (const { key, value } of this.#kv.list<{ at: number }>({ prefix: ["change"] })) {
      if (value.at >= kept) return;
      await insist(() => this.#kv.delete(key));
    }
  }

  /**
   * Whom the changes after change `after` touched, up to the latest this instance has seen;
   * `undefined` when rows of them are gone.
   */
  async changesAfter(after: number): Promise<{ agents: Set<string>; epoch: number } | undefined> {
    const { epoch } = this;
    const agents = await this.#touched(after, epoch);
    return agents && { agents, epoch };
  }

  /**
   * Whether the database answers.
   *
   * @param timeoutMs How long to wait for it, milliseconds.
   */
  async answers(timeoutMs: number): Promise<boolean> {
    const answer = this.#kv.get(["epoch"]).then(() => true, () => false);
    return await within(timeoutMs, answer, false);
  }

  async #touched(after: number, latest: number): Promise<Set<string> | undefined> {
    if (latest < after) return undefined;
    const ids = new Set<string>();
    let count = 0;
    const range = { start: ["change", after + 1], end: ["change", latest + 1] };
    for await (const { value } of this.#kv.list<{ agents: string[] }>(range)) {
      count++;
      for (const id of value.agents) ids.add(id);
    }
    return count === latest - after ? ids : undefined;
  }

  async #everything(): Promise<Map<string, StoredAgent>> {
    const [records, answers, lives, seen] = await Promise.all([
      this.#documents.all("agent"),
      this.#documents.all("answered"),
      this.#lives(),
      this.#allSeen(),
    ]);
    const agents = new Map<string, StoredAgent>();
    for (const [id, record] of records) {
      agents.set(id, stored(record, lives.get(id), answers.get(id), seen.get(id)));
    }
    return agents;
  }

  async #read(ids: readonly string[]): Promise<Map<string, StoredAgent | undefined>> {
    const agents = new Map<string, StoredAgent | undefined>();
    await inBatches(ids, async (id) => {
      const [agent, told, life, seen] = await this.#kv.getMany<
        [Uint8Array, Uint8Array, Life, Deno.KvU64]
      >([["agent", id, 0], ["answered", id, 0], ["life", id], ["seen", id]]);
      const [record, answered] = await Promise.all([
        this.#documents.after("agent", id, agent.value),
        this.#documents.after("answered", id, told.value),
      ]);
      const beat = seen.value === null ? undefined : Number(seen.value.value);
      agents.set(
        id,
        record === undefined ? undefined : stored(record, life.value, answered, beat),
      );
    });
    return agents;
  }

  async #lives(): Promise<Map<string, Life>> {
    const lives = new Map<string, Life>();
    for await (const { key, value } of this.#kv.list<Life>({ prefix: ["life"] })) {
      lives.set(String(key[1]), value);
    }
    return lives;
  }

  async #allSeen(): Promise<Map<string, number>> {
    const seen = new Map<string, number>();
    for await (const { key, value } of this.#kv.list<Deno.KvU64>({ prefix: ["seen"] })) {
      seen.set(String(key[1]), Number(value.value));
    }
    return seen;
  }
}

/** An agent from its rows; the database holds what this module wrote. */
function stored(
  document: unknown,
  life: Life | null | undefined,
  answered: unknown,
  seen = 0,
): StoredAgent {
  const record = document as AgentRecord;
  const { status, seen: then, ...rest } = life ?? { status: "unhealthy", seen: record.createdAt };
  return {
    record,
    life: { status, seen: Math.max(then, seen), ...rest },
    answered: answered as Answered | undefined,
  };
}

/** The documents a change writes; no parts delete one. */
function documents(
  { record, rewrite, answered, purge }: AgentChange,
): [DocumentKind, Uint8Array[]][] {
  if (purge) return [["agent", []], ["answered", []]];
  const written: [DocumentKind, Uint8Array[]][] = [];
  const parts = rewrite ? toParts(record) : [];
  if (rewrite) written.push(["agent", parts]);
  const room = Math.min(DOCUMENT_BYTES, COMMIT_BYTES - partsBytes(parts));
  if (answered !== undefined) written.push(["answered", fitting(answered, room)]);
  return written;
}

/** The parts of an answer; wake-ups need only its digest, so what is too much for a commit goes. */
function fitting(answered: Answered, room: number): Uint8Array[] {
  const shorter = { ...answered, llmTools: {} };
  for (const document of [answered, shorter]) {
    const parts = toParts(document);
    if (partsBytes(parts) <= room) return parts;
  }
  return toParts({ ...shorter, dependencies: {}, llmProviders: {} });
}

async function inBatches<Item>(
  items: readonly Item[],
  work: (item: Item) => Promise<void>,
): Promise<void> {
  for (let start = 0; start < items.length; start += READS_AT_ONCE) {
    await Promise.all(items.slice(start, start + READS_AT_ONCE).map(work));
  }
}
