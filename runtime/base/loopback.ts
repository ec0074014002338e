/**
 * Addresses that only this machine has.
 *
 * @module
 */
import { bareHost, plainHost } from "./host_text.ts";

/** Tells whether a host name or an address, in brackets or not, can only mean this machine. */
export function isLoopback(host: string): boolean {
  const bare = bareHost(host).toLowerCase();
  if (bare === "localhost" || bare === "localhost." || /^127(\.\d{1,3}){3}$/.test(bare)) {
    return true;
  }
  if (!bare.includes(":")) return false;
  // The second is IPv4's within IPv6.
  return /^::(?:1|ffff:7f[\da-f]{2}:[\da-f]{1,4})$/.test(plainHost(bare) ?? "");
}
