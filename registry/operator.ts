/**
 * Who is an operator: with `MCP_MESH_ADMIN_TOKEN` set, whoever shows it; without, whoever asks from
 * this machine.
 *
 * @module
 */
import { createHash, timingSafeEqual } from "node:crypto";
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
): Response | undefined {
  if (token === undefined) {
    if (isLocal(request, peer)) return undefined;
    return problem(
      403,
      `${what} is for this machine only; ask from here, ` +
        "or set MCP_MESH_ADMIN_TOKEN and send it as a bearer token",
    );
  }
  const shown = /^Bearer +(.+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
  if (shown !== undefined && sameSecret(shown, token)) return undefined;
  return problem(
    401,
    `${what} wants the token of MCP_MESH_ADMIN_TOKEN; send it as Authorization: Bearer <token>`,
    { "WWW-Authenticate": 'Bearer realm="mesh registry"' },
  );
}

/** Compares without telling by the time it takes how much of it is right. */
function sameSecret(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
