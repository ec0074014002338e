/**
 * What an agent has by name (its tools, its prompts, its resources), with the description of each
 * made once.
 *
 * @module
 */
import { checkDefinition } from "./check/check.ts";
import type { Place } from "./check/kind.ts";
import { MeshError } from "../base/errors.ts";
import { made } from "./check/made.ts";

/** The members of an agent, by kind. */
const MEMBERS = {
  tool: made("tool", ["handler", "streams"]),
  prompt: made("prompt", ["handler", "complete", "input"]),
  resource: made("resource", ["handler", "variables"]),
};

/** Things of an agent by name; may change while it runs, and the mesh and its clients are told. */
export interface MemberSet<T> {
  /**
   * Adds one.
   *
   * @throws {MeshError} `bad_definition` when the name is taken or not valid.
   */
  add(name: string, member: T): void;
  /** Removes one; returns whether it was there. */
  remove(name: string): boolean;
  /** All by name. */
  list(): ReadonlyMap<string, T>;
}

const NAME = /^[A-Za-z0-9_.-]{1,128}$/;

/** The members of one kind. */
export class Members<T, M> implements MemberSet<T> {
  readonly #agent: string;
  readonly #kind: keyof typeof MEMBERS;
  readonly #describe: (name: string, member: T) => M;
  readonly #onChange: () => void;
  readonly #members = new Map<string, T>();
  readonly #manifests = new Map<string, M>();

  /**
   * @param agent The agent's name, for messages.
   * @param kind What one of them is.
   * @param initial The members it begins with.
   * @param describe Makes the description of one.
   * @param onChange Runs after every later change.
   */
  constructor(
    agent: string,
    kind: keyof typeof MEMBERS,
    initial: Readonly<Record<string, T>>,
    describe: (name: string, member: T) => M,
    onChange: () => void,
  ) {
    this.#agent = agent;
    this.#kind = kind;
    this.#describe = describe;
    this.#onChange = onChange;
    for (const [name, member] of Object.entries(initial)) this.#put(name, member);
  }

  add(name: string, member: T): void {
    this.#put(name, member);
    this.#onChange();
  }

  remove(name: string): boolean {
    this.#manifests.delete(name);
    const removed = this.#members.delete(name);
    if (removed) this.#onChange();
    return removed;
  }

  list(): ReadonlyMap<string, T> {
    return this.#members;
  }

  /** The descriptions, in the order the members were added. */
  manifests(): M[] {
    return [...this.#manifests.values()];
  }

  #put(name: string, member: T): void {
    if (!NAME.test(name)) {
      throw new MeshError(
        "bad_definition",
        `${this.#kind} name ${
          JSON.stringify(name)
        } is not valid: use 1 to 128 letters, digits, "_", "-" and "."`,
      );
    }
    if (this.#members.has(name)) {
      throw new MeshError(
        "bad_definition",
        `agent "${this.#agent}" already has ${this.#kind} "${name}"`,
      );
    }
    const check = (value: unknown, place: Place) =>
      MEMBERS[this.#kind](value, place.at(`${this.#kind}s`).at(name));
    checkDefinition(check, `agent "${this.#agent}"`, member);
    this.#manifests.set(name, this.#describe(name, member));
    this.#members.set(name, member);
  }
}
