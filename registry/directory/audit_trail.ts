/**
 * Writes the audit trail: after an agent has registered and its wiring was worked out, what is new
 * about how it came to be. A beat never gets here.
 *
 * @module
 */
import { EffortExceeded } from "../../runtime/protocol/resolve/effort.ts";
import type { Answered } from "./answered.ts";
import { type Audit, AUDIT_MAX_CHARS, AuditHistory, auditsOf } from "./audit.ts";
import type { Entry } from "./entry.ts";
import type { Happening } from "./events.ts";
import type { Members } from "./members.ts";

/** Events looked back at, if an agent has not more dependencies than half of that. */
const LOOKED_BACK = 64;
/** Characters of audits in one commit: each is written under two keys, at two bytes a character. */
const COMMIT_CHARS = 5 * AUDIT_MAX_CHARS;
/** Audits of one commit. */
const COMMIT_AUDITS = 200;

/** The audit trail of a registry. */
export class AuditTrail {
  readonly #members: Members;
  /** What an agent was told when it was last looked at. */
  readonly #told = new WeakMap<Entry, Answered>();

  constructor(members: Members) {
    this.#members = members;
  }

  /**
   * Tells how an agent's dependencies were resolved, if it was told something since the last time.
   *
   * @param isNew Whether it has no history.
   */
  async record(entry: Entry, isNew: boolean): Promise<void> {
    const { answered } = entry;
    if (answered === undefined || this.#told.get(entry) === answered) return;
    this.#told.set(entry, answered);
    if (!entry.tools.some(({ dependencies }) => dependencies.length > 0)) return;
    const audits = await this.#audits(entry);
    if (audits === undefined) return;
    const events = isNew ? [] : await this.#members.store.events.list({
      agentId: entry.id,
      limit: Math.max(LOOKED_BACK, 2 * audits.length),
    });
    const history = new AuditHistory(events);
    const news = audits.flatMap((audit) => history.news(audit) ?? []);
    for (const batch of batches(news)) await this.#members.tell(entry, batch.map(happening));
  }

  /**
   * The accounts of an agent's dependencies, made a little at a time, so that others are answered
   * meanwhile; `undefined` when the agent was replaced before they were done, or they are too many.
   */
  async #audits(entry: Entry): Promise<Audit[] | undefined> {
    const { snapshot } = this.#members;
    const audits: Audit[] = [];
    let begun = performance.now();
    try {
      for (const audit of auditsOf(() => snapshot.pass(), entry)) {
        audits.push(audit);
        if (performance.now() - begun < SLICE_MS) continue;
        await turn();
        if (snapshot.get(entry.id) !== entry) return undefined;
        begun = performance.now();
      }
      return audits;
    } catch (error) {
      if (error instanceof EffortExceeded) return undefined;
      throw error;
    }
  }
}

/** How long accounts are made without a break, milliseconds. */
const SLICE_MS = 10;

/** Resolves once everything else that waited has had its turn. */
async function turn(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  setTimeout(resolve, 0);
  await promise;
}

function happening({ type, functionName, data }: Audit): Happening {
  return { type, functionName, data: { ...data } };
}

function batches(audits: readonly Audit[]): Audit[][] {
  const batches: Audit[][] = [];
  let chars = Infinity;
  for (const audit of audits) {
    const size = JSON.stringify(audit).length;
    const open = batches.at(-1);
    if (open === undefined || open.length === COMMIT_AUDITS || chars + size > COMMIT_CHARS) {
      batches.push([audit]);
      chars = size;
    } else {
      open.push(audit);
      chars += size;
    }
  }
  return batches;
}
