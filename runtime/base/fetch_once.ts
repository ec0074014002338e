/**
 * Requests that are sent once.
 *
 * @module
 */

/**
 * Returns a `fetch` that sends every request once. Deno's own repeats a request by itself when a kept
 * connection breaks, although the server may have run it (denoland/deno#35610); it does so with bodies
 * that it can copy, which a blob is not. The length of a blob is sent as that of a text is.
 */
export function fetchOnce(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return (input, init) => {
    const body = init?.body;
    return typeof body === "string" || body instanceof Uint8Array
      // Nobody here shares the memory of a body.
      ? fetch(input, { ...init, body: new Blob([body as string | Uint8Array<ArrayBuffer>]) })
      : fetch(input, init);
  };
}
