/**
 * Hosts as texts. In a URL an IPv6 address stands in brackets (RFC 3986 §3.2.2), elsewhere it does not,
 * and a URL of the web cannot hold the zone of a link-local address.
 *
 * @module
 */

/** Returns a host without the brackets of a URL. */
export function bareHost(host: string): string {
  return /^\[.*\]$/.test(host) ? host.slice(1, -1) : host;
}

/** Returns a host as URLs and `host:port` have it. */
export function urlHost(host: string): string {
  const bare = bareHost(host);
  return bare.includes(":") ? `[${bare}]` : bare;
}

/**
 * Returns a host as URLs spell it, without brackets: names in lower case, addresses in their shortest
 * form; `undefined` when a URL cannot have it.
 */
export function plainHost(host: string): string | undefined {
  if (/[\s/?#@\\]/.test(host)) return undefined;
  // A port would be read as such.
  const url = URL.parse(`http://${urlHost(host)}:1/`);
  return url === null ? undefined : bareHost(url.hostname);
}
