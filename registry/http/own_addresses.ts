/**
 * The addresses at which a registry answers itself, so that it is never told to call one of them.
 *
 * @module
 */
import { confined, hostForm, isSameAddress } from "../base/host_form.ts";

/** Tells whether an address is the registry's own. */
export type IsOwnAddress = (host: string, port: number) => boolean;

/** What {@linkcode ownAddresses} needs to know. */
export interface OwnAddressesOptions {
  /** The ports it listens on. */
  readonly ports: readonly number[];
  /** Names and addresses it is called by, besides those of this machine. */
  readonly hosts: readonly string[];
  /** The addresses of this machine; asked for when a port fits. @default those it has now */
  readonly interfaces?: () => readonly string[];
}

/** The addresses of a registry that listens. */
export function ownAddresses(
  { ports, hosts, interfaces = machineAddresses }: OwnAddressesOptions,
): IsOwnAddress {
  const named = hosts.flatMap((host) => hostForm(host) ?? []);
  return (host, port) => {
    if (!ports.includes(port)) return false;
    const form = hostForm(host);
    if (form === undefined) return false;
    if (confined(form) === "this machine") return true;
    if (form.kind === "name") {
      return named.some((own) => own.kind === "name" && own.name === form.name);
    }
    const addresses = interfaces().flatMap((address) => hostForm(address) ?? []);
    return [...named, ...addresses].some((own) => isSameAddress(own, form));
  };
}

function machineAddresses(): string[] {
  const { state } = Deno.permissions.querySync({ name: "sys", kind: "networkInterfaces" });
  return state === "granted" ? Deno.networkInterfaces().map(({ address }) => address) : [];
}
