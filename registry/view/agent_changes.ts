/**
 * Who is in the mesh, told as changes: what `GET /agents/stream` sends.
 *
 * | event | data | |
 * |---|---|---|
 * | `reset` | `{}` | everything follows: forget what you know |
 * | `agent` | as in `GET /agents` | it is new or has changed |
 * | `gone` | `{"id"}` | it is not listed any more |
 *
 * The last message of a batch carries the number of the change it goes up to.
 *
 * @module
 */
import type { Entry } from "../directory/entry.ts";
import type { Members } from "../directory/members.ts";
import { agentInfo } from "./listing.ts";
import type { Message } from "../base/streams.ts";

/** What {@linkcode AgentChanges} needs to know. */
export interface AgentChangesOptions {
  members: Members;
  /** Whether an agent is to be told of. */
  fits: (entry: Entry) => boolean;
  /** The change up to which the reader knows everything, if it does. */
  after: number | undefined;
}

/** One thing to be told. */
type News = "reset" | Entry | { readonly gone: string };

/** The changes one reader has not seen. */
export class AgentChanges {
  readonly #members: Members;
  readonly #fits: (entry: Entry) => boolean;
  #after: number | undefined;
  /** Ids the reader has; `undefined` while that is not known. */
  #known: Set<string> | undefined;

  constructor({ members, fits, after }: AgentChangesOptions) {
    this.#members = members;
    this.#fits = fits;
    this.#after = after;
  }

  /** What is new since the last call, written when it is asked for; `undefined` when nothing is. */
  async next(): Promise<Iterable<Message> | undefined> {
    await this.#members.observe();
    const { store, snapshot } = this.#members;
    if (this.#after === store.epoch) return undefined;
    const changes = this.#after === undefined ? undefined : await store.changesAfter(this.#after);
    const known = this.#known;
    const touched = [...changes?.agents ?? []];
    // Who reads on from elsewhere may have agents that are gone, and only those who fit are named.
    const isUnclear = known === undefined && touched.some((id) => !this.#shown(id));
    if (changes === undefined || isUnclear) {
      const epoch = store.epoch;
      const entries = snapshot.entries().filter(this.#fits);
      this.#known = new Set(entries.map(({ id }) => id));
      return this.#messages(["reset", ...entries], epoch);
    }
    const news = touched.flatMap((id): News[] => {
      const entry = this.#shown(id);
      if (entry !== undefined) {
        known?.add(id);
        return [entry];
      }
      return known?.delete(id) ? [{ gone: id }] : [];
    });
    return this.#messages(news, changes.epoch);
  }

  #shown(id: string): Entry | undefined {
    const entry = this.#members.snapshot.get(id);
    return entry !== undefined && this.#fits(entry) ? entry : undefined;
  }

  #messages(news: readonly News[], epoch: number): Iterable<Message> {
    this.#after = epoch;
    const last = news.length - 1;
    // A mesh that is told to many who do not read is not written out for each of them.
    return news.values().map((each, index): Message => ({
      ...this.#message(each),
      ...(index === last && { id: String(epoch) }),
    }));
  }

  #message(news: News): Message {
    if (news === "reset") return { event: "reset", data: {} };
    if ("gone" in news) return { event: "gone", data: { id: news.gone } };
    return { event: "agent", data: agentInfo(this.#members.snapshot, news) };
  }
}
