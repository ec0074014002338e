/**
 * Checking definitions where they are made, so that what cannot work does not start.
 *
 * @module
 */
import { MeshError } from "../errors.ts";
import { isLabel, isRecord, type Kind, Place, shown } from "./kind.ts";
import type { Shape } from "./shape.ts";

/** Problems that one message names; further ones are counted. */
const NAMED = 5;

/**
 * Checks a definition.
 *
 * @param subject What it is called in messages, such as `agent "a"`.
 * @throws {MeshError} `bad_definition` that names each place and what to write there; `details` has
 * the sentences one by one.
 */
export function checkDefinition(kind: Kind<never>, subject: string, value: unknown): void {
  const problems: string[] = [];
  kind(value, new Place(problems));
  if (problems.length === 0) return;
  const more = problems.length - NAMED;
  const told = more > 0 ? [...problems.slice(0, NAMED), `${more} more are wrong`] : problems;
  const text = paragraph(told);
  // What is wrong with a name begins with what bears it.
  throw new MeshError("bad_definition", text.startsWith(subject) ? text : `${subject}: ${text}`, {
    details: { problems },
  });
}

/**
 * Checks options that a call is given, which are hardly ever wrong and often absent.
 *
 * @param of What is called.
 * @throws {MeshError} `bad_definition`.
 */
export function checkOptions<T>(shape: Shape<T>, of: string, options: T | undefined): void {
  if (options !== undefined) checkDefinition(shape, `options of ${of}`, options);
}

function paragraph(sentences: readonly string[]): string {
  return sentences.reduce((text, sentence) =>
    `${text}${text.endsWith("?") ? "" : "."} ${sentence}`
  );
}

/**
 * Checks a definition and the handler that goes with it.
 *
 * @throws {MeshError} `bad_definition`.
 */
export function checkDeclaration(
  kind: Kind<never>,
  subject: string,
  definition: unknown,
  handler: unknown,
): void {
  checkDefinition(kind, subject, definition);
  if (typeof handler === "function") return;
  throw new MeshError(
    "bad_definition",
    `${subject}: its handler is ${
      shown(handler)
    }; write ${subject}({ … }, handler) with a function`,
  );
}

/** What an agent is called in messages: by its name, if it has one that can be. */
export function named(subject: string, definition: unknown): string {
  const name = isRecord(definition) ? definition["name"] : undefined;
  return isLabel(name) ? `${subject} "${name}"` : subject;
}
