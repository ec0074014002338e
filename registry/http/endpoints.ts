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
import { urlHost } from "../../runtime/base/host_text.ts";
import type { AgentRecord } from "../directory/record.ts";
import {
  type Confined,
  confined,
  type HostForm,
  hostForm,
  isSameAddress,
} from "../base/host_form.ts";
import type { Connections } from "./connections.ts";
import { type HostList, lists } from "../base/host_list.ts";
import type { Lookup } from "../base/lookups.ts";
import type { IsOwnAddress } from "./own_addresses.ts";
import { isLocal, type Peer } from "./peer.ts";
import { quoted } from "../base/plain_text.ts";

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

/** Whether the registry may call an agent. */
export type Calling =
  | { readonly refused: string }
  /** With what reaches it, and nothing else under its name. */
  | { readonly refused?: undefined; readonly fetch: typeof fetch };

/** What {@linkcode Endpoints} goes by. */
export interface EndpointsOptions {
  /** Hosts that agents of other machines may register besides their own address; see the README. */
  readonly listed: HostList | undefined;
  readonly isOwn: IsOwnAddress;
  readonly lookup: Lookup;
  /** Reaches agents. */
  readonly connections: Connections;
}

/** The addresses of agents. */
export class Endpoints {
  readonly #options: EndpointsOptions;

  constructor(options: EndpointsOptions) {
    this.#options = options;
  }

  /** Why somebody may not register an address; `undefined` when they may. */
  async registering(host: string, port: number, speaker: Speaker): Promise<string | undefined> {
    const form = hostForm(host);
    const addresses = await this.#addresses(form);
    if (this.#isOwn(host, port, addresses)) {
      return refusal(host, `${OWN}; register the agent's own`);
    }
    if (speaker === "local" || form === undefined || this.#isListed(form)) return undefined;
    const { listed } = this.#options;
    const leads = leading(form, addresses);
    if (leads !== undefined) {
      return refusal(host, `it leads to ${leads}, which is another one for each caller; ${ADVICE}`);
    }
    if (listed?.all) return undefined;
    if (speaker === "unknown") return listed && refusal(host, `it is not listed; ${ADVICE}`);
    if (isSameAddress(form, speaker)) return undefined;
    if (form.kind === "name") return listed && refusal(host, `it is not listed; ${ADVICE}`);
    return refusal(host, `it is not the address that this registration comes from; ${ADVICE}`);
  }

  /** Decides whether the registry may call an agent, and how. */
  async calling({ host, port, isRemote }: AgentRecord): Promise<Calling> {
    const { connections } = this.#options;
    const form = hostForm(host);
    const addresses = await this.#addresses(form);
    if (this.#isOwn(host, port, addresses)) return { refused: `${urlHost(host)}:${port} ${OWN}` };
    if (!isRemote || form === undefined || this.#isListed(form)) {
      return { fetch: connections.fetch };
    }
    // A name may lead elsewhere by now than it did when it was registered.
    const leads = leading(form, addresses);
    if (leads !== undefined) return { refused: `${urlHost(host)}:${port} leads to ${leads} now` };
    if (form.kind === "address" || addresses === undefined) return { fetch: connections.fetch };
    // And elsewhere again when it is looked up once more, so this is the address that is called.
    const [address] = addresses;
    if (address === undefined) return { refused: `no address of ${host} was found` };
    return { fetch: connections.to(address, port) };
  }

  /** The addresses that a name leads to; `undefined` for what is not looked up. */
  async #addresses(form: HostForm | undefined): Promise<readonly string[] | undefined> {
    if (form?.kind !== "name" || confined(form) !== undefined) return undefined;
    return await this.#options.lookup(form.name);
  }

  #isOwn(host: string, port: number, addresses: readonly string[] = []): boolean {
    const { isOwn } = this.#options;
    return isOwn(host, port) || addresses.some((address) => isOwn(address, port));
  }

  #isListed(form: HostForm): boolean {
    const { listed } = this.#options;
    return listed !== undefined && lists(listed, form);
  }
}

/** Where a host, or one of the addresses it has, leads that is confined. */
function leading(form: HostForm, addresses: readonly string[] = []): Confined | undefined {
  const forms = [form, ...addresses.flatMap((address) => hostForm(address) ?? [])];
  return forms.map(confined).find((leads) => leads !== undefined);
}

const OWN = "is this registry itself";
const ADVICE = "register the address the agent is reached at, " +
  "or list it in MCP_MESH_ENDPOINT_HOSTS of the registry";

function refusal(host: string, why: string): string {
  return `validation failed: http_host: ${quoted(host)}: ${why}`;
}
