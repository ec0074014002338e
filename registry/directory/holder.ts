/**
 * Who holds an agent id: while an agent is there, its id belongs to the instance that registered it,
 * which shows a token of its own with everything it says in that name. Of tokens only digests are kept.
 *
 * An agent that registers without one, as those of the reference do, is held by nobody: whoever comes
 * next under its id is taken for it.
 *
 * @module
 */
import { hash, randomBytes } from "node:crypto";
import type { Entry } from "./entry.ts";

/** Tokens whose digests are remembered: one of each agent that beats. */
const KNOWN_MAX = 20_000;

/** Reads instance tokens. */
export class InstanceTokens {
  readonly #digests = new Map<string, string>();

  /** What is kept of a token. */
  digest(token: string): string {
    const known = this.#digests.get(token);
    if (known !== undefined) return known;
    const digest = hash("sha256", token, "base64url");
    if (this.#digests.size >= KNOWN_MAX) this.#digests.clear();
    this.#digests.set(token, digest);
    return digest;
  }

  /** Whether somebody may speak for an agent: it is not there, nobody holds it, or this token does. */
  isHolder(entry: Entry, token: string | undefined): boolean {
    const { isPresent, record: { holder } } = entry;
    if (!isPresent || holder === undefined) return true;
    return token !== undefined && this.digest(token) === holder;
  }
}

/** A token for an instance that asks for one. */
export function newInstanceToken(): string {
  return randomBytes(32).toString("base64url");
}

/** Why somebody else may not use the id of an agent that is there. */
export function heldText({ id, endpoint }: Entry): string {
  return `agent_id ${id} is held by another instance, at ${endpoint}, for as long as it is heard of; ` +
    "stop that one first, or choose another MCP_MESH_AGENT_ID";
}
