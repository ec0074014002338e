/**
 * Checks of definitions where they are made: a definition that cannot work does not load.
 *
 * @module
 */
import { isObject } from "../../base/json.ts";
import { MeshError } from "../../base/errors.ts";
import { isLabel, type Kind, Place, shown } from "./kind.ts";

/** Most problems that one message names; the others are counted. */
const NAMED = 5;

/**
 * Checks a definition.
 *
 * @param subject Its name in messages, such as `agent "a"`.
 * @throws {MeshError} `bad_definition` that names each place and the way to write it; `details` has
 * the sentences one by one.
 */
export function checkDefinition(kind: Kind<never>, subject: string, value: unknown): void {
  const problems: string[] = [];
  kind(value, new Place(problems));
  if (problems.length === 0) return;
  const more = problems.length - NAMED;
  const told = more > 0 ? [...problems.slice(0, NAMED), `${more} further problems`] : problems;
  const text = paragraph(told);
  // A sentence about a name begins with the subject.
  throw new MeshError("bad_definition", text.startsWith(subject) ? text : `${subject}: ${text}`, {
    details: { problems },
  });
}

/**
 * Checks the options of a call.
 *
 * @param of The name of the call in messages.
 * @throws {MeshError} `bad_definition`.
 */
export function checkOptions<T>(kind: Kind<T>, of: string, options: T | undefined): void {
  if (options !== undefined) checkDefinition(kind, `options of ${of}`, options);
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
    `${subject}: the handler is ${
      shown(handler)
    }; write ${subject}({ … }, handler) with a function`,
  );
}

/** Returns the name of a definition in messages: with the name of its agent, if that is valid. */
export function named(subject: string, definition: unknown): string {
  const name = isObject(definition) ? definition["name"] : undefined;
  return isLabel(name) ? `${subject} "${name}"` : subject;
}
