/**
 * The way of a host to isolated agent code and back, whichever isolation it is.
 *
 * @module
 */
import type { ToAgent } from "../boundary/agent_messages.ts";

/** A running instance of the code of an agent. */
export interface CodeLink {
  /**
   * Sends a message with this turn's others. Never throws.
   *
   * @param transfer Memory that the message gives away.
   */
  post(message: ToAgent, transfer?: readonly ArrayBuffer[]): void;
  /** Whether so much waits to be taken by the code that it should not be called now. */
  readonly isFull: boolean;
  /**
   * Ends the code at once. Nothing is received afterwards.
   *
   * @returns Resolves once the code has ended, and everything that it had started.
   */
  end(): Promise<void>;
}

/** Listeners of a link. */
export interface LinkEvents {
  /** Gets messages of the code, which may be anything. */
  received(batch: unknown): void;
  /** The code has ended by itself, or has to be ended; `reason` goes on after `crashed: `. */
  ended(reason: string): void;
  /** A message was not sent, because a part of it cannot cross. */
  unsent(message: ToAgent, cause: unknown): void;
}
