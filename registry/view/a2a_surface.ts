/**
 * A2A surfaces as they are told: where a skill is reached from outside the mesh. Pure.
 *
 * @module
 */
import type { A2aSurface } from "../../runtime/protocol/a2a.ts";
import type { Surface } from "../../runtime/protocol/registration.ts";

/**
 * A surface with its public addresses.
 *
 * @param prefix Where surfaces are reached from outside, without a slash at its end; without one
 * there are no addresses to tell.
 */
export function publicSurface({ path, skill_id }: Surface, prefix: string | undefined): A2aSurface {
  if (prefix === undefined) return { path, skill_id };
  const public_url = `${prefix}${path.startsWith("/") ? "" : "/"}${path}`;
  return { path, skill_id, public_url, agent_card_url: `${public_url}/.well-known/agent.json` };
}
