/**
 * Lists that come page by page (MCP pagination).
 *
 * @module
 */

/** Most pages that are read: a server that never ends its list is not followed for ever. */
const MOST_PAGES = 100;

/**
 * Reads a list, all pages of it.
 *
 * @param items What a page calls its items.
 * @param read Reads a page.
 * @throws Whatever `read` throws.
 */
export async function allPages(
  items: string,
  read: (params: { readonly cursor?: string }) => Promise<Readonly<Record<string, unknown>>>,
): Promise<unknown[]> {
  const all: unknown[] = [];
  let params = {};
  for (let page = 0; page < MOST_PAGES; page++) {
    const { [items]: found, nextCursor: cursor } = await read(params);
    if (Array.isArray(found)) { for (const item of found) all.push(item); }
    if (typeof cursor !== "string") break;
    params = { cursor };
  }
  return all;
}
