/**
 * The agents that want to be told at once when their wiring differs from what they were told: the
 * same truth as a beat's, looked at after every change instead of at the next beat.
 *
 * @module
 */
import type { Channel } from "../base/streams.ts";
import type { Entry } from "./entry.ts";
import type { Members } from "./members.ts";

/** Why an agent should register again. */
export type WiringReason =
  /** Its wiring differs from what it was told. */
  | "changed"
  /** It was given up. */
  | "gone";

/** Tells agents of their wiring, until it is disposed of. */
export class WiringWatch implements Disposable {
  readonly #members: Members;
  readonly #log: (line: string) => void;
  readonly #channels = new Map<string, Channel>();
  readonly #marked = new Set<string>();
  readonly #stop: () => void;

  /** @param log Takes one line about something an operator should know. */
  constructor(members: Members, log: (line: string) => void) {
    this.#members = members;
    this.#log = log;
    this.#stop = members.onMarked((entries) => this.#mark(entries));
  }

  /** Tells an agent from now on; a connection it held before ends. */
  watch(id: string, channel: Channel): void {
    this.#channels.get(id)?.close();
    this.#channels.set(id, channel);
    channel.closed.addEventListener("abort", () => {
      if (this.#channels.get(id) === channel) this.#channels.delete(id);
    }, { once: true });
    const entry = this.#members.snapshot.get(id);
    if (entry !== undefined && this.#members.isRewired(entry)) tell(channel, "changed");
  }

  [Symbol.dispose](): void {
    this.#stop();
  }

  /** Notes whom a change concerns; all that one change concerns are looked at together. */
  #mark(entries: ReadonlySet<Entry>): void {
    if (this.#channels.size === 0) return;
    const first = this.#marked.size === 0;
    for (const { id } of entries) if (this.#channels.has(id)) this.#marked.add(id);
    if (!first || this.#marked.size === 0) return;
    Promise.resolve().then(() => this.#review())
      .catch((error) => this.#log(`could not tell agents of their wiring: ${error}`));
  }

  #review(): void {
    const marked = [...this.#marked];
    this.#marked.clear();
    for (const id of marked) {
      const channel = this.#channels.get(id);
      const entry = this.#members.snapshot.get(id);
      if (channel === undefined) continue;
      if (entry?.isPresent !== true) tell(channel, "gone");
      // An agent that was told once will ask; until then further changes add nothing.
      else if (!entry.changed && this.#members.isRewired(entry)) tell(channel, "changed");
    }
  }
}

function tell(channel: Channel, reason: WiringReason): void {
  channel.repeat({ event: "wiring", data: { reason } });
}
