/**
 * Who is an operator: with `MCP_MESH_ADMIN_TOKEN` set, whoever shows it; without, whoever asks from
 * this machine.
 *
 * @module
 */
import type { Answered } from "./answered.ts";
import { showsToken, tokenWanted } from "./bearer.ts";
import { isLocal, type Peer } from "./peer.ts";
import { problem } from "./problem.ts";

/**
 * Refuses a request that is no operator's; `undefined` lets it through.
 *
 * @param what What only operators may do, as the subject of a sentence.
 * @param token What they must show; `undefined` lets only this machine in.
 */
export function operatorRefusal(
  request: Request,
  peer: Peer,
  what: string,
  token: string | undefined,
): Answered<401 | 403> | undefined {
  if (token === undefined) {
    if (isLocal(request, peer)) return undefined;
    return problem(
      403,
      `${what} is for this machine only; ask from here, ` +
        "or set MCP_MESH_ADMIN_TOKEN and send it as a bearer token",
    );
  }
  if (showsToken(request, [token])) return undefined;
  return tokenWanted(
    `${what} wants the token of MCP_MESH_ADMIN_TOKEN; send it as Authorization: Bearer <token>`,
  );
}
