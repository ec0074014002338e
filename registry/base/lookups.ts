/**
 * The addresses that names lead to, remembered for a moment.
 *
 * @module
 */
import { lookup } from "node:dns/promises";
import { within } from "../../runtime/base/within.ts";

/**
 * Finds the addresses of a name; none when it has none, or they are not found in time, `undefined` where
 * names cannot be looked up.
 */
export type Lookup = (name: string) => Promise<readonly string[] | undefined>;

/** How long an answer counts, milliseconds. */
const KEPT_MS = 5_000;
/** How long name servers may take, milliseconds. */
const PATIENCE_MS = 2_000;
/** Names that are remembered. */
const NAMES_MAX = 1_000;

interface Known {
  readonly addresses: ReturnType<Lookup>;
  readonly until: number;
}

/**
 * A look-up that remembers.
 *
 * @param find Asks the system. @default the resolver that connections use
 * @param patienceMs How long name servers may take.
 */
export function lookups(find: Lookup = systemLookup, patienceMs = PATIENCE_MS): Lookup {
  const known = new Map<string, Known>();
  return (name) => {
    const now = performance.now();
    const before = known.get(name);
    if (before !== undefined && before.until > now) return before.addresses;
    const addresses = within(patienceMs, find(name), []).catch(noAddresses);
    // A map keeps the order in which its keys came.
    known.delete(name);
    known.set(name, { addresses, until: now + KEPT_MS });
    const [oldest] = known.keys();
    if (known.size > NAMES_MAX && oldest !== undefined) known.delete(oldest);
    return addresses;
  };
}

async function systemLookup(name: string): Promise<string[]> {
  return (await lookup(name, { all: true })).map(({ address }) => address);
}

/** What a name server says has a code; a host without name servers throws something else. */
function noAddresses(error: unknown): [] | undefined {
  return error instanceof Error && "code" in error ? [] : undefined;
}
