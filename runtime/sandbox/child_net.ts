/**
 * The network of an agent's child process: the hosts of its first line, less the addresses of this
 * machine that its first line does not name with a port, and less the ports of the mesh.
 *
 * Deno checks `--deny-net` once more after a name is resolved, and `--allow-net` only before. A denied
 * address beats an allowed one, and no list can say "all ports but this one". So where an agent needs
 * one port of this machine, the ports of the mesh are denied; where it needs none, all are.
 *
 * @module
 */
import { type Environment } from "../base/environment.ts";
import { isLoopback } from "../base/loopback.ts";
import { bareHost, plainHost, urlHost } from "../base/host_text.ts";

/** Something of a first line that the child does not get. */
export interface LeftOut {
  /** As the first line has it, such as `--allow-net=localhost`. */
  readonly what: string;
  /** Why, as the end of a sentence. */
  readonly why: string;
}

/** Facts of this machine for {@linkcode childNet}. */
export interface NetFacts {
  /** Ports of the registry, of this agent and of the others of this machine. */
  readonly meshPorts: readonly number[];
  /** Addresses of this machine besides loopback, where the mesh may listen too. @default none */
  readonly ownAddresses?: readonly string[] | undefined;
  /** The variables that the agent may read. */
  readonly readable: Environment;
  /** The variables of proxies that Deno itself reads. */
  readonly proxies: Environment;
}

/** The network of a child. */
export interface ChildNet {
  readonly allow: boolean | readonly string[];
  readonly deny: readonly string[];
  /** Ports of this machine that it can reach, as `host:port`. */
  readonly local: readonly string[];
  readonly leftOut: readonly LeftOut[];
}

/** Every address that means this machine, in the forms that `--deny-net` takes. */
const LOOPBACK = ["127.0.0.0/8", "0.0.0.0", "[::1]", "[::]"];
/** Addresses of the link, where clouds answer with credentials, and one more of these. */
const LINK_LOCAL = ["169.254.0.0/16", "[fd00:ec2::254]"];

/** Ports that the schemes of addresses stand for. */
const SCHEME_PORTS: Readonly<Record<string, number>> = {
  "http:": 80,
  "ws:": 80,
  "https:": 443,
  "wss:": 443,
  "redis:": 6379,
  "rediss:": 6379,
  "postgres:": 5432,
  "postgresql:": 5432,
  "mysql:": 3306,
  "mongodb:": 27017,
  "amqp:": 5672,
  "nats:": 4222,
};

/**
 * Returns the network of a child.
 *
 * @param granted What its first line grants.
 */
export function childNet(
  granted: boolean | readonly string[] | undefined,
  facts: NetFacts,
): ChildNet {
  if (granted === undefined || granted === false || isEmpty(granted)) {
    return { allow: false, deny: [], local: [], leftOut: [] };
  }
  const mesh = meshAddresses(facts);
  if (granted === true) return { allow: true, deny: mesh, local: ["*"], leftOut: [] };
  const entries = granted.map((text) => ({ text, ...readEntry(text) }));
  const isMesh = (port: number | undefined) => port !== undefined && facts.meshPorts.includes(port);
  const bare = entries.filter(({ local, port }) => local && port === undefined);
  const named = entries.filter(({ local, port }) => local && port !== undefined);
  const others = entries.filter(({ local }) => !local);
  const hosts = new Set(bare.map(({ host }) => host));
  const fromVariables = localPorts(facts.readable)
    .filter(({ host, port }) => hosts.has(host) && !isMesh(port));
  const local = [
    ...named.filter(({ port }) => !isMesh(port)),
    ...fromVariables,
  ].map(({ host, port }) => `${urlHost(host)}:${port}`);
  const leftOut = [
    ...bare.map(({ text, host }) => ({
      what: `--allow-net=${text}`,
      why: narrowed(fromVariables.filter((each) => each.host === host)),
    })),
    ...named.filter(({ port }) => isMesh(port)).map(({ text }) => ({
      what: `--allow-net=${text}`,
      why: "it is a port of the mesh",
    })),
  ];
  const isWide = others.some(({ text }) => holdsLoopback(text));
  const proxies = localPorts(facts.proxies);
  const isOpen = isWide || local.length > 0 || proxies.length > 0;
  const namesLink = others.some(({ host }) => /^(169\.254\.|fd00:ec2:)/.test(host));
  return {
    allow: [...others.map(({ text }) => text), ...new Set(local)],
    deny: [...(isOpen ? [] : LOOPBACK), ...mesh, ...(namesLink ? [] : LINK_LOCAL)],
    local: isWide ? ["*"] : [...new Set(local)],
    leftOut,
  };
}

function isEmpty(granted: boolean | readonly string[]): boolean {
  return typeof granted !== "boolean" && granted.length === 0;
}

function narrowed(ports: readonly LocalPort[]): string {
  if (ports.length === 0) return "a port of this machine has to be named: localhost:6379";
  const list = ports.map(({ port, variable }) => `${port} (${variable})`).join(", ");
  return `of this machine only the ports that it names or its variables do: ${list}`;
}

/** The ports of the mesh at every address of this machine. */
function meshAddresses({ meshPorts, ownAddresses = [] }: NetFacts): string[] {
  const hosts = ["localhost", ...LOOPBACK, ...ownAddresses.map(urlHost)];
  return [...new Set(meshPorts)].flatMap((port) => hosts.map((host) => `${host}:${port}`));
}

/** An entry of `--allow-net`. */
function readEntry(text: string): { host: string; port: number | undefined; local: boolean } {
  const [, written = text, port] = /^(.*?)(?::(\d+))?$/.exec(text) ?? [];
  const whole = /^\[?[\da-f]*:[\da-f:.]*:[\da-f:.]*\]?$/i.test(text) && !text.includes("]:");
  const host = canonical(whole ? text : written);
  return {
    host,
    port: whole || port === undefined ? undefined : Number(port),
    local: isLocal(host) || /^127\.[\d.]*\/\d+$/.test(host),
  };
}

/** A host as URLs spell it: `127.1`, `0x7f000001` and `LOCALHOST.` are of many forms of this machine. */
function canonical(host: string): string {
  const plain = plainHost(host) ?? bareHost(host).toLowerCase();
  return plain.endsWith(".") ? plain.slice(0, -1) : plain;
}

function isLocal(host: string): boolean {
  return isLoopback(host) || host === "0.0.0.0" || host === "::" || /^::ffff:0:0$/.test(host) ||
    host.endsWith(".localhost");
}

/** Whether a range of addresses has those of this machine in it, and others. */
function holdsLoopback(text: string): boolean {
  const [, address, bits] = /^([\d.]+)\/(\d+)(?::\d+)?$/.exec(text) ?? [];
  if (address === undefined) return false;
  const size = 2 ** (32 - Number(bits));
  const first = Math.floor(numberOf(address) / size) * size;
  const loopback = numberOf("127.0.0.0");
  const last = numberOf("127.255.255.255");
  return first <= last && first + size > loopback || first === 0;
}

function numberOf(address: string): number {
  return address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}

/** A port of this machine that a variable names. */
export interface LocalPort {
  readonly variable: string;
  readonly host: string;
  readonly port: number;
}

/**
 * Returns the ports of this machine that variables name: as URLs, as `host:port`, in lists of these,
 * or as a host in `X_HOST` with a port in `X_PORT`.
 */
export function localPorts(environment: Environment): LocalPort[] {
  return Object.entries(environment).flatMap(([variable, value = ""]) => {
    const pair = variable.endsWith("_HOST")
      ? environment[`${variable.slice(0, -"HOST".length)}PORT`]
      : undefined;
    return value.split(/[\s,;]+/).flatMap((item) => {
      const address = addressOf(item, pair);
      return address === undefined || !isLocal(address.host) ? [] : [{ variable, ...address }];
    });
  });
}

function addressOf(
  text: string,
  pair: string | undefined,
): { host: string; port: number } | undefined {
  const [, scheme, rest = text] = /^([a-z][a-z\d+.-]*:)\/\/(.*)$/i.exec(text) ?? [];
  const authority = rest.replace(/[/?#].*$/, "").replace(/^.*@/, "");
  const [, host = authority, written] = /^(.*):(\d{1,5})$/.exec(authority) ?? [];
  if (host === "") return undefined;
  const known = scheme === undefined ? pair : SCHEME_PORTS[scheme.toLowerCase()];
  const port = Number(written ?? known ?? Number.NaN);
  const isPort = Number.isInteger(port) && port > 0 && port < 65_536;
  return isPort ? { host: canonical(host), port } : undefined;
}
