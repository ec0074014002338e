/**
 * Where the directory lives in Deno KV, and the only module that writes it. Every change is one
 * atomic commit, so a process killed at any moment leaves a database the next one starts from.
 *
 * | key | value |
 * |---|---|
 * | `["agent", id, part]` | the registration, JSON over as many values as it needs |
 * | `["answered", id, part]` | what the agent was last told, likewise |
 * | `["life", id]` | status and last beat |
 * | `["event", ms, n, instance]` | one event of the history |
 * | `["event_of", id, ms, n, instance]` | the same event, by agent |
 * | `["epoch"]` | number of the latest change of the directory |
 * | `["change", n]` | which agents change n touched, and when |
 *
 * The epoch is checked by every commit that changes the directory: change numbers have no gaps,
 * whoever writes them, which is what lets another instance follow them.
 *
 * @module
 */
import type { Answered } from "./answered.ts";
import type { Entry, Life } from "./entry.ts";
import { Events, type Happening } from "./events.ts";
import { DOCUMENT_BYTES, fromParts, partsBytes, toParts } from "./parts.ts";
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
  life: Life;
  /** Write the registration too, and forget what the agent was told. */
  rewrite?: boolean;
  happening?: Happening;
}

type DocumentKind = "agent" | "answered";

/** Agents of one commit: at most 5 mutations each, of the 1000 a commit may have. */
const CHANGES_A_COMMIT = 150;
/** Beats of one commit. */
const BEATS_A_COMMIT = 500;
/** How long change rows stay for others to follow. */
const CHANGE_KEPT_MS = 600_000;
/** Another instance may commit between reading the epoch and writing it, but not this often. */
const EPOCH_ATTEMPTS = 50;

/** The directory's keys and commits. */
export class Store {
  readonly events: Events;
  readonly #kv: Deno.Kv;
  #epoch: Deno.KvEntryMaybe<number> | undefined;
  /** How many values each document of more than one takes; needed to delete what is left over. */
  readonly #long = new Map<string, number>();

  constructor(kv: Deno.Kv) {
    this.#kv = kv;
    this.events = new Events(kv);
  }

  /** All agents the database has. */
  async load(): Promise<StoredAgent[]> {
    const [records, answers, lives] = await Promise.all([
      this.#documents<AgentRecord>("agent"),
      this.#documents<Answered>("answered"),
      this.#lives(),
    ]);
    return [...records].map(([id, record]) => ({
      record,
      life: lives.get(id) ?? { status: "unhealthy", seen: record.createdAt },
      answered: answers.get(id),
    }));
  }

  /** Commits changes of agents, many in one commit, each with its event. */
  async change(changes: readonly AgentChange[], now: number): Promise<void> {
    for (let start = 0; start < changes.length; start += CHANGES_A_COMMIT) {
      const batch = changes.slice(start, start + CHANGES_A_COMMIT);
      await this.#commitChange(batch.map(({ record }) => record.id), now, (commit) => {
        for (const { record, life, rewrite, happening } of batch) {
          commit.set(["life", record.id], life);
          if (happening !== undefined) this.events.add(commit, record, happening, now);
          if (rewrite !== true) continue;
          this.#setParts(commit, "agent", record.id, toParts(record));
          this.#setParts(commit, "answered", record.id, []);
        }
      });
    }
  }

  /** Commits what an agent is about to be told. */
  async answer(id: string, answered: Answered): Promise<void> {
    const parts = storable(answered);
    const commit = this.#kv.atomic();
    this.#setParts(commit, "answered", id, parts);
    await commit.commit();
  }

  /** Commits beats, many in one commit. */
  async beats(entries: readonly Entry[]): Promise<void> {
    for (let start = 0; start < entries.length; start += BEATS_A_COMMIT) {
      const commit = this.#kv.atomic();
      for (const { id, status, seen } of entries.slice(start, start + BEATS_A_COMMIT)) {
        commit.set(["life", id], { status, seen });
      }
      await commit.commit();
    }
  }

  /** Forgets an agent and its history. */
  async purge(id: string, now: number): Promise<void> {
    await this.events.forget(id);
    await this.#commitChange([id], now, (commit) => {
      this.#setParts(commit, "agent", id, []);
      this.#setParts(commit, "answered", id, []);
      commit.delete(["life", id]);
    });
  }

  /** Deletes change rows too old to be followed. */
  async trimChanges(now: number): Promise<void> {
    const kept = now - CHANGE_KEPT_MS;
    for await (const { key, value } of this.#kv.list<{ at: number }>({ prefix: ["change"] })) {
      if (value.at >= kept) return;
      await this.#kv.delete(key);
    }
  }

  /**
   * Whether the database answers.
   *
   * @param timeoutMs How long to wait for it, milliseconds.
   */
  async answers(timeoutMs: number): Promise<boolean> {
    const late = Promise.withResolvers<false>();
    const timer = setTimeout(() => late.resolve(false), timeoutMs);
    try {
      return await Promise.race([this.#kv.get(["epoch"]).then(() => true), late.promise]);
    } catch {
      return false;
    } finally {
      clearTimeout(timer);
    }
  }

  async #documents<Document>(kind: DocumentKind): Promise<Map<string, Document>> {
    const parts = new Map<string, Uint8Array[]>();
    for await (const { key, value } of this.#kv.list<Uint8Array>({ prefix: [kind] })) {
      const id = String(key[1]);
      const found = parts.get(id);
      if (found === undefined) parts.set(id, [value]);
      else found.push(value);
    }
    const documents = new Map<string, Document>();
    for (const [id, found] of parts) {
      if (found.length > 1) this.#long.set(`${kind} ${id}`, found.length);
      // The database holds what this module wrote.
      documents.set(id, fromParts(found) as Document);
    }
    return documents;
  }

  async #lives(): Promise<Map<string, Life>> {
    const lives = new Map<string, Life>();
    for await (const { key, value } of this.#kv.list<Life>({ prefix: ["life"] })) {
      lives.set(String(key[1]), value);
    }
    return lives;
  }

  /** Sets a document's parts and deletes those it no longer has; no parts delete it. */
  #setParts(
    commit: Deno.AtomicOperation,
    kind: DocumentKind,
    id: string,
    parts: readonly Uint8Array[],
  ): void {
    const name = `${kind} ${id}`;
    const before = this.#long.get(name) ?? 1;
    parts.forEach((part, index) => commit.set([kind, id, index], part));
    for (let index = parts.length; index < before; index++) commit.delete([kind, id, index]);
    if (parts.length > 1) this.#long.set(name, parts.length);
    else this.#long.delete(name);
  }

  async #commitChange(
    agents: string[],
    now: number,
    fill: (commit: Deno.AtomicOperation) => void,
  ): Promise<void> {
    for (let attempt = 0; attempt < EPOCH_ATTEMPTS; attempt++) {
      const epoch = this.#epoch ?? await this.#kv.get<number>(["epoch"]);
      const next = (epoch.value ?? 0) + 1;
      const commit = this.#kv.atomic().check(epoch)
        .set(["epoch"], next).set(["change", next], { agents, at: now });
      fill(commit);
      const result = await commit.commit();
      if (result.ok) {
        this.#epoch = { key: epoch.key, value: next, versionstamp: result.versionstamp };
        return;
      }
      this.#epoch = undefined;
    }
    throw new Error(`another writer was faster ${EPOCH_ATTEMPTS} times in a row`);
  }
}

/** The parts of an answer; wake-ups need only its digest, so what is too much for a commit goes. */
function storable(answered: Answered): Uint8Array[] {
  const shorter = { ...answered, llmTools: {} };
  for (const document of [answered, shorter]) {
    const parts = toParts(document);
    if (partsBytes(parts) <= DOCUMENT_BYTES) return parts;
  }
  return toParts({ ...shorter, dependencies: {}, llmProviders: {} });
}
