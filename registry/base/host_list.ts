/**
 * Hosts as operators list them: names, `*.suffix`, addresses, networks, and `*`. Pure.
 *
 * @module
 */
import { type HostForm, hostForm, isWithin, type Network, network } from "./host_form.ts";

/** A list of hosts. */
export interface HostList {
  /** Whether `*` is listed. */
  readonly all: boolean;
  readonly names: readonly string[];
  /** With the dot they begin with. */
  readonly suffixes: readonly string[];
  readonly networks: readonly Network[];
}

/** Reads the items of a list; an item that is none is told. */
export function hostList(items: readonly string[]): HostList | { readonly fault: string } {
  const list = {
    all: false,
    names: [] as string[],
    suffixes: [] as string[],
    networks: [] as Network[],
  };
  for (const item of items) {
    const form = hostForm(item.replace(/^\*\./, ""));
    const range = network(item.replace(/^\[(.*)\]$/, "$1"));
    if (item === "*") list.all = true;
    else if (range !== undefined) list.networks.push(range);
    else if (form?.kind !== "name") return { fault: `${JSON.stringify(item)} is no host` };
    else if (item.startsWith("*.")) list.suffixes.push(`.${form.name}`);
    else list.names.push(form.name);
  }
  return list;
}

/** Whether a host is listed by its own name, suffix or network. */
export function lists({ names, suffixes, networks }: HostList, form: HostForm): boolean {
  return form.kind === "name"
    ? names.includes(form.name) || suffixes.some((suffix) => form.name.endsWith(suffix))
    : networks.some((range) => isWithin(range, form.bytes));
}
