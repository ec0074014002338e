/**
 * The two ways to tools through the registry, `/mcp` and `/proxy`: one guard, described alike.
 *
 * @module
 */
import { refused } from "../describe/operation.ts";
import type { CallerGuard } from "../http/caller_guard.ts";
import type { Peer } from "../http/peer.ts";

/** Returns the part of a declaration that keeps out callers who may not use tools. */
export function toolDoor(door: Parameters<CallerGuard>[2], guard: CallerGuard) {
  return {
    tokens: ["mcpToken", "adminToken"],
    guard: (request: Request, peer: Peer) => guard(request, peer, door),
  } as const;
}

/** Returns the answers to callers that are kept out. */
export function keptOut(door: Parameters<CallerGuard>[2]) {
  return {
    401: refused("The token of `MCP_MESH_MCP_TOKEN` is missing or wrong"),
    403: refused("Only programs of this machine may ask, or the host is not allowed"),
    404: refused(`\`${door}\` is switched off`),
    508: refused("The call has come through a registry already"),
  } as const;
}
