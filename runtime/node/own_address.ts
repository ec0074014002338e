/**
 * The address of this machine that an agent tells its peers, and the one it listens on. Pure.
 *
 * @module
 */
import { bareHost } from "../base/host_text.ts";
import { isLoopback } from "../base/loopback.ts";

/** An address of a network interface. */
export type InterfaceAddress = Pick<Deno.NetworkInterfaceInfo, "family" | "address">;

/** Addresses that only one link knows; those of IPv6 mean nothing without its name. */
const LINK_LOCAL = /^(?:169\.254\.|fe[89ab])/i;

/**
 * Returns the address of this machine that others reach it at: in the family of the registry's address,
 * IPv4 where the registry has a name, or else in the family there is.
 *
 * @param registryHost Host of the registry's URL.
 */
export function reachableAddress(
  interfaces: readonly InterfaceAddress[],
  registryHost: string,
): string | undefined {
  const preferred = registryHost.includes(":") ? "IPv6" : "IPv4";
  const reachable = interfaces.filter(({ address }) =>
    !isLoopback(address) && !LINK_LOCAL.test(address)
  );
  return (reachable.find(({ family }) => family === preferred) ?? reachable[0])?.address;
}

/** Returns the loopback address in the family of a loopback host. */
export function loopbackLike(host: string): string {
  return bareHost(host).includes(":") ? "::1" : "127.0.0.1";
}

/**
 * Returns the address to listen on for peers that call a host. All addresses of IPv6 are those of IPv4 as
 * well.
 *
 * @param hasIpv6 Whether this machine has IPv6. A name may lead to an address of either family.
 */
export function listeningAddress(advertisedHost: string, hasIpv6: boolean): string {
  if (isLoopback(advertisedHost)) return loopbackLike(advertisedHost);
  const isIpv4 = /^[\d.]+$/.test(advertisedHost);
  return advertisedHost.includes(":") || (hasIpv6 && !isIpv4) ? "::" : "0.0.0.0";
}
