/**
 * What the host of an address is, whichever way it is written: `127.1`, `0x7f000001`, `2130706433`,
 * `０１７７.0.0.1`, `[::ffff:7f00:1]` and `localhost.` are all this machine. Pure.
 *
 * @module
 */

/** The host of an address. */
export type HostForm =
  | {
    readonly kind: "address";
    /** Four bytes, or sixteen. */
    readonly bytes: readonly number[];
  }
  | {
    readonly kind: "name";
    /** In lower case, without a dot at its end. */
    readonly name: string;
  };

/** Where an address leads that nobody but the machine itself, or its neighbours, has a use for. */
export type Confined = "this machine" | "the local link" | "the metadata service" | "many machines";

/** Reads a host; `undefined` when a URL cannot have it. */
export function hostForm(host: string): HostForm | undefined {
  const written = [host, `[${host}]`].map((text) => `http://${text}/`).find((url) =>
    URL.canParse(url)
  );
  if (written === undefined) return undefined;
  // Parsing writes numbers in decimal and letters as DNS has them.
  const { hostname } = new URL(written);
  const bytes = hostname.startsWith("[") ? ipv6Bytes(hostname.slice(1, -1)) : ipv4Bytes(hostname);
  return bytes === undefined
    ? { kind: "name", name: hostname.replace(/\.+$/, "") }
    : { kind: "address", bytes: embedded(bytes) ?? bytes };
}

/** Whether two hosts are one address; names are not looked up. */
export function isSameAddress(one: HostForm, other: HostForm): boolean {
  return one.kind === "address" && other.kind === "address" &&
    one.bytes.length === other.bytes.length &&
    one.bytes.every((byte, index) => byte === other.bytes[index]);
}

/** Addresses from one on, as many as its first bits leave open. */
export interface Network {
  readonly bytes: readonly number[];
  /** How many bits all of its addresses share. */
  readonly bits: number;
}

/** Reads `10.0.0.0/8`, `fd00::/8` or a single address; `undefined` when it is neither. */
export function network(text: string): Network | undefined {
  const [, address = "", bits] = /^([0-9a-f.:]+)(?:\/(\d{1,3}))?$/i.exec(text) ?? [];
  const form = hostForm(address);
  if (form?.kind !== "address") return undefined;
  const all = form.bytes.length * 8;
  const shared = bits === undefined ? all : Number(bits);
  return shared <= all ? { bytes: form.bytes, bits: shared } : undefined;
}

/** Whether an address lies in a network. */
export function isWithin({ bytes, bits }: Network, address: readonly number[]): boolean {
  if (address.length !== bytes.length) return false;
  return address.every((byte, index) => {
    const shared = Math.min(8, Math.max(0, bits - index * 8));
    const mask = (0xff << (8 - shared)) & 0xff;
    return (byte & mask) === ((bytes[index] ?? 0) & mask);
  });
}

/** Networks whose addresses mean something else on every machine, or something nobody should call. */
const CONFINED: readonly (readonly [network: string, leads: Confined])[] = [
  ["127.0.0.0/8", "this machine"],
  ["0.0.0.0/8", "this machine"],
  ["::1/128", "this machine"],
  ["::/128", "this machine"],
  // Those of clouds; most are of the local link as well.
  ["169.254.169.254/32", "the metadata service"],
  ["fd00:ec2::/32", "the metadata service"],
  ["fd20:ce::254/128", "the metadata service"],
  ["100.100.100.200/32", "the metadata service"],
  ["168.63.129.16/32", "the metadata service"],
  ["192.0.0.192/32", "the metadata service"],
  ["169.254.0.0/16", "the local link"],
  ["fe80::/10", "the local link"],
  ["224.0.0.0/4", "many machines"],
  ["255.255.255.255/32", "many machines"],
  ["ff00::/8", "many machines"],
];

/** Names that mean the machine that looks them up, or a cloud's metadata. */
const CONFINED_NAMES: readonly (readonly [name: RegExp, leads: Confined])[] = [
  [/^(?:.*\.)?localhost$/, "this machine"],
  [/^localhost6?(?:\.localdomain6?)?$/, "this machine"],
  [/^ip6-(?:localhost|loopback)$/, "this machine"],
  [/^ip6-all(?:nodes|routers|hosts)$/, "many machines"],
  [
    /^(?:metadata|instance-data)(?:\.(?:google\.internal|goog|ec2\.internal))?$/,
    "the metadata service",
  ],
];

/** Where a host leads, if that is confined; names are not looked up. */
export function confined(form: HostForm): Confined | undefined {
  if (form.kind === "name") return CONFINED_NAMES.find(([name]) => name.test(form.name))?.[1];
  return CONFINED.find(([text]) => {
    const range = network(text);
    return range !== undefined && isWithin(range, form.bytes);
  })?.[1];
}

function ipv4Bytes(hostname: string): number[] | undefined {
  return /^\d{1,3}(?:\.\d{1,3}){3}$/.test(hostname) ? hostname.split(".").map(Number) : undefined;
}

/** The bytes of an IPv6 address as a URL writes it: hexadecimal groups, at most one `::`. */
function ipv6Bytes(text: string): number[] {
  const [head = "", tail] = text.split("::");
  const groups = (part: string | undefined) => part ? part.split(":") : [];
  const [before, after] = [groups(head), groups(tail)];
  const zeros = Array<string>(8 - before.length - after.length).fill("0");
  return [...before, ...zeros, ...after].flatMap((group) => {
    const value = parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

/** IPv6 addresses that stand for an IPv4 one, and where in them it is: mapped, translated, 6to4. */
const EMBEDDING: readonly (readonly [network: string, at: number])[] = [
  ["::ffff:0:0/96", 12],
  ["::ffff:0:0:0/96", 12],
  ["64:ff9b::/96", 12],
  ["64:ff9b:1::/48", 12],
  ["2002::/16", 2],
];

function embedded(bytes: readonly number[]): readonly number[] | undefined {
  if (bytes.length !== 16) return undefined;
  for (const [text, at] of EMBEDDING) {
    const [address = "", bits = ""] = text.split("/");
    const range = { bytes: ipv6Bytes(address), bits: Number(bits) };
    if (isWithin(range, bytes)) return bytes.slice(at, at + 4);
  }
  // Deprecated, and still understood by some: ::127.0.0.1.
  const isCompatible = bytes.slice(0, 12).every((byte) => byte === 0) &&
    bytes.slice(12, 14).some((byte) => byte !== 0);
  return isCompatible ? bytes.slice(12) : undefined;
}
