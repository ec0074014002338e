/**
 * Which addresses agents may register, and which of them the registry itself may call.
 *
 * An agent of another machine may speak for the address it comes from, and for names. Names and
 * addresses that lead to this machine, its local link or a cloud's metadata are never its own: whoever
 * is wired to them, and the registry's proxy, would call them on its behalf. The registry's own
 * addresses are nobody's.
 *
 * @module
 */
import { urlHost } from "../runtime/protocol/host_text.ts";
import type { AgentRecord } from "./directory/record.ts";
import { confined, type HostForm, hostForm, isSameAddress } from "./host_form.ts";
import { type HostList, lists } from "./host_list.ts";
import type { Lookup } from "./lookups.ts";
import type { IsOwnAddress } from "./own_addresses.ts";
import { isLocal, type Peer } from "./peer.ts";
import { quoted } from "./plain_text.ts";

/** Who registers an agent. */
export type Speaker =
  /** A program of this machine. */
  | "local"
  /** Somebody behind a proxy, or where connections do not tell. */
  | "unknown"
  /** Another machine: its address. */
  | HostForm;

/** Who sent a request, as far as the addresses it may register are concerned. */
export function speaker(request: Request, peer: Peer): Speaker {
  if (isLocal(request, peer)) return "local";
  const form = peer.remote === undefined ? undefined : hostForm(peer.remote);
  return form === undefined || confined(form) === "this machine" ? "unknown" : form;
}

/** What {@linkcode Endpoints} goes by. */
export interface EndpointsOptions {
  /** Hosts that agents of other machines may register besides their own address; see the README. */
  readonly listed: HostList | undefined;
  readonly isOwn: IsOwnAddress;
  readonly lookup: Lookup;
}

/** The addresses of agents. */
export class Endpoints {
  readonly #options: EndpointsOptions;

  constructor(options: EndpointsOptions) {
    this.#options = options;
  }

  /** Why somebody may not register an address; `undefined` when they may. */
  async registering(host: string, port: number, speaker: Speaker): Promise<string | undefined> {
    if (this.#options.isOwn(host, port)) return refusal(host, `${OWN}; register the agent's own`);
    if (speaker === "local") return undefined;
    const { listed } = this.#options;
    const form = hostForm(host);
    if (form === undefined || (listed && lists(listed, form))) return undefined;
    const leads = confined(form) ?? await this.#leads(form);
    if (leads !== undefined) {
      return refusal(host, `it leads to ${leads}, which is another one for each caller; ${ADVICE}`);
    }
    if (listed?.all) return undefined;
    if (speaker === "unknown") return listed && refusal(host, `it is not listed; ${ADVICE}`);
    if (isSameAddress(form, speaker)) return undefined;
    if (form.kind === "name") return listed && refusal(host, `it is not listed; ${ADVICE}`);
    return refusal(host, `it is not the address that this registration comes from; ${ADVICE}`);
  }

  /** Why the registry may not call an agent; `undefined` when it may. */
  async calling({ host, port, isRemote }: AgentRecord): Promise<string | undefined> {
    if (this.#options.isOwn(host, port)) return `${urlHost(host)}:${port} ${OWN}`;
    if (!isRemote) return undefined;
    const { listed } = this.#options;
    const form = hostForm(host);
    if (form === undefined || (listed && lists(listed, form))) return undefined;
    // A name may lead elsewhere by now than it did when it was registered.
    const leads = confined(form) ?? await this.#leads(form);
    return leads && `${urlHost(host)}:${port} leads to ${leads} now`;
  }

  async #leads(form: HostForm): Promise<string | undefined> {
    if (form.kind === "address") return undefined;
    for (const address of await this.#options.lookup(form.name)) {
      const found = hostForm(address);
      const leads = found && confined(found);
      if (leads !== undefined) return leads;
    }
    return undefined;
  }
}

const OWN = "is this registry itself";
const ADVICE = "register the address the agent is reached at, " +
  "or list it in MCP_MESH_ENDPOINT_HOSTS of the registry";

function refusal(host: string, why: string): string {
  return `validation failed: http_host: ${quoted(host)}: ${why}`;
}
