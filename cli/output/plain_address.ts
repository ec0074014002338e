/**
 * Addresses as they are shown.
 *
 * @module
 */

/** Returns an address without the secrets in it. */
export function withoutSecrets(address: string): string {
  const url = URL.parse(address);
  if (url === null) return address.replace(/\/\/[^@/]*@/, "//");
  url.username = "";
  url.password = "";
  url.search = "";
  return url.href.replace(/\/$/, "");
}
