/**
 * What a page of a website may not do: call the registry from where it is shown. Programs send no
 * `Origin`, and say what their bodies are; a page cannot say `application/json` without asking for
 * leave first, which only `/mcp` gives, to pages of hosts that are let in by name.
 *
 * @module
 */
import { isJsonType } from "../../runtime/base/answer_form.ts";
import { hostGuard } from "../../runtime/base/host_guard.ts";
import { isLocal, type Peer } from "./peer.ts";
import { problem } from "./problem.ts";

/** Refuses a request that no program sends; `undefined` lets it through. */
export type WebGuard = (request: Request, peer: Peer) => Response | undefined;

/**
 * The guard of all routes.
 *
 * @param allowedHosts Host names a request may name and come from, besides loopback's; `undefined` lets
 * every name through, but no page of a name.
 */
export function webGuard(allowedHosts: readonly string[] | undefined): WebGuard {
  const hosts = hostGuard(allowedHosts ?? [], { anyHost: allowedHosts === undefined });
  return (request, peer) => {
    const refused = hosts(request);
    if (refused !== undefined) return problem(403, refused);
    if (
      request.method !== "POST" || !hasBody(request) ||
      isJsonType(request.headers.get("content-type"))
    ) return undefined;
    // On this machine people try things out with what their tools send.
    if (isLocal(request, peer)) return undefined;
    return problem(
      415,
      "the body is not said to be JSON; send it with Content-Type: application/json",
    );
  };
}

/** Whether a body comes with a request: a server makes one for those that have none as well. */
function hasBody({ headers }: Request): boolean {
  const length = headers.get("content-length");
  return length === null ? headers.has("transfer-encoding") : length !== "0";
}
