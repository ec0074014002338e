/**
 * Who may call tools through the registry (`MCP_MESH_MCP`): `/mcp` and `/proxy` are ways to every tool, so
 * by default only programs of this machine, and no page of a website that happens to be open on it.
 *
 * @module
 */
import type { Answered } from "./answered.ts";
import { showsToken, tokenWanted } from "./bearer.ts";
import type { McpOpening } from "../config/config.ts";
import { cameThroughRegistry } from "./call_headers.ts";
import { hostGuard } from "../../runtime/base/host_guard.ts";
import { isLocal, type Peer } from "./peer.ts";
import { problem } from "./problem.ts";

/** What decides. */
export interface CallerGuardOptions {
  readonly opening: McpOpening;
  /** What callers must show; `undefined` asks for nothing. */
  readonly token: string | undefined;
  /** What operators show, which opens this door too. */
  readonly adminToken: string | undefined;
  /** Host names a request may name and come from, besides loopback's; `undefined` sets no limit. */
  readonly allowedHosts: readonly string[] | undefined;
}

/**
 * Refuses a request that may not come in; `undefined` lets it through.
 *
 * @param door The path it asks for, without what is behind.
 */
export type CallerGuard = (
  request: Request,
  peer: Peer,
  door: "/mcp" | "/proxy",
) => Answered<401 | 403 | 404 | 508> | undefined;

/** The guard of `/mcp` and `/proxy`. */
export function callerGuard(
  { opening, token, adminToken, allowedHosts }: CallerGuardOptions,
): CallerGuard {
  const onlyLoopback = hostGuard([]);
  const onlyAllowed = hostGuard(allowedHosts ?? []);
  const byPlace = (request: Request, peer: Peer, door: string): Answered<403 | 404> | undefined => {
    switch (opening) {
      case "off":
        return problem(404, `${door} is switched off here; set MCP_MESH_MCP to loopback or on`);
      case "loopback":
        if (isLocal(request, peer)) return forbidden(onlyLoopback(request));
        return problem(
          403,
          `${door} is for programs of this machine only; ask from here, ` +
            "or set MCP_MESH_MCP=on and a token in MCP_MESH_MCP_TOKEN",
        );
      case "on":
        // Programs send no Origin. A page that does is let in by name only: where any Host is let
        // through, a page may have made its own name lead here.
        return allowedHosts === undefined && !request.headers.has("origin")
          ? undefined
          : forbidden(onlyAllowed(request));
    }
  };
  return (request, peer, door) => {
    if (cameThroughRegistry(request.headers)) {
      return problem(
        508,
        `this call has come through a registry already, so an agent's address leads to ${door} here; ` +
          "register the address of the agent itself",
      );
    }
    const refused = byPlace(request, peer, door);
    if (refused !== undefined || token === undefined) return refused;
    const tokens = adminToken === undefined ? [token] : [token, adminToken];
    if (showsToken(request, tokens)) return undefined;
    return tokenWanted(
      `${door} wants the token of MCP_MESH_MCP_TOKEN; send it as Authorization: Bearer <token>`,
    );
  };
}

function forbidden(refused: string | undefined): Answered<403> | undefined {
  return refused === undefined ? undefined : problem(403, refused);
}
