/**
 * Which of this machine's agents a user means.
 *
 * @module
 */
import { didYouMean } from "../../runtime/base/suggest.ts";
import { CliError, EXIT } from "../base/exit.ts";
import type { LocalAgent } from "../machine/records.ts";

/**
 * The agents of this machine that `reference` names: an exact name or id, else the beginning of
 * one.
 *
 * @throws {CliError} exit 3 when there is none, exit 2 when several begin so.
 */
export function findLocalAgent(reference: string, agents: readonly LocalAgent[]): LocalAgent {
  const named = (matches: (name: string) => boolean) =>
    agents.filter(({ record: { name, agent_id: id } }) => matches(name) || matches(id ?? name));
  const exact = named((name) => name === reference);
  const prefix = reference.toLowerCase();
  const found = exact.length > 0 ? exact : named((name) => name.toLowerCase().startsWith(prefix));
  const [match, ...others] = found;
  const names = agents.map(({ record }) => record.name);
  if (match === undefined) {
    throw new CliError(EXIT.notFound, `no agent of this machine matches "${reference}"`, {
      hint: didYouMean(reference, names) ??
        (names.length === 0
          ? "Nothing was started here; what other machines run is not known here."
          : `Running here: ${names.join(", ")}.`),
    });
  }
  if (others.length === 0) return match;
  const list = found.map(({ record }) => record.name).join(", ");
  throw new CliError(EXIT.usage, `several agents begin with "${reference}": ${list}`, {
    hint: "Write more of the name.",
  });
}
