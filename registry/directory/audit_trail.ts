/**
 * Writes the audit trail: after an agent has registered and its wiring was worked out, what is new
 * about how it came to be. A beat never gets here.
 *
 * @module
 */
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
    const audits = auditsOf(this.#members.snapshot.pass(), entry);
    const events = isNew ? [] : await this.#members.store.events.list({
      agentId: entry.id,
      limit: Math.max(LOOKED_BACK, 2 * audits.length),
    });
    const history = new AuditHistory(events);
    const news = audits.flatMap((audit) => history.news(audit) ?? []);
    for (const batch of batches(news)) await this.#members.tell(entry, batch.map(happening));
  }
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
