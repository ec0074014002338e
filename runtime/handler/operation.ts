/**
 * An operation of an agent: a tool, a prompt or a resource, in the form in which it is run.
 *
 * @module
 */
import type * as z from "zod";
import type { Outcome } from "../boundary/result.ts";
import type { Collection } from "../define/collected.ts";
import type { Completions } from "../define/completion.ts";
import type { DependencyDefinitions } from "../define/dependency.ts";
import type { ErasedHandler } from "../define/handler_context.ts";
import type { ToolLlm } from "../llm/chat/request.ts";

/** One operation of an agent. */
export interface Operation {
  /** What it is called in messages. */
  readonly name: string;
  readonly input: z.ZodType;
  readonly dependencies: DependencyDefinitions;
  readonly complete: Completions;
  readonly handler: ErasedHandler;
  /** The language model its handler gets, if it declares one. */
  readonly llm?: ToolLlm;
  /** The rules for the chunks of its handler. */
  readonly chunks?: Chunks;
  /**
   * What the handler returned, as it goes over the wire.
   *
   * @throws {MeshError} `bad_output`, `not_found`.
   */
  encode(returned: unknown, input: unknown): Outcome | Promise<Outcome>;
}

/** The rules for the chunks of an operation. */
export interface Chunks {
  /** Whether the handler has to return a stream. */
  readonly isRequired: boolean;
  /** Returns the form in which they are collected. */
  collection(): Collection;
  /**
   * Checks a chunk and returns it as it is sent.
   *
   * @param number From 1.
   * @throws {MeshError} `bad_output`.
   */
  read(chunk: unknown, number: number): unknown;
}
