/**
 * The connections to agents. Those to an address that has been looked at go there, whatever the name in
 * a URL leads to by then; the name stays the one that is asked for.
 *
 * @module
 */

/** Addresses whose connections are kept. */
const ADDRESSES_MAX = 256;

/** Connections to agents. */
export class Connections implements Disposable {
  /** Connects to where URLs lead. */
  readonly fetch: typeof fetch;
  readonly #clients = new Map<string, Deno.HttpClient>();

  constructor(fetch: typeof globalThis.fetch) {
    this.fetch = fetch;
  }

  /** A `fetch` that connects to one address. */
  to(address: string, port: number): typeof fetch {
    return (input, init) => this.fetch(input, { ...init, client: this.#client(address, port) });
  }

  #client(hostname: string, port: number): Deno.HttpClient {
    const key = `${hostname} ${port}`;
    const client = this.#clients.get(key) ??
      Deno.createHttpClient({ proxy: { transport: "tcp", hostname, port } });
    // A map keeps the order in which its keys came.
    this.#clients.delete(key);
    this.#clients.set(key, client);
    const [oldest] = this.#clients;
    if (this.#clients.size > ADDRESSES_MAX && oldest !== undefined) {
      this.#clients.delete(oldest[0]);
      oldest[1].close();
    }
    return client;
  }

  [Symbol.dispose](): void {
    for (const client of this.#clients.values()) client.close();
    this.#clients.clear();
  }
}
