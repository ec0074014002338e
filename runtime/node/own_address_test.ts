import assert from "node:assert/strict";
import { type InterfaceAddress, listeningAddress, reachableAddress } from "./own_address.ts";

const LO: InterfaceAddress[] = [
  { family: "IPv4", address: "127.0.0.1" },
  { family: "IPv6", address: "::1" },
];
const LINK: InterfaceAddress[] = [
  { family: "IPv6", address: "fe80::fc:ff:fe00:1" },
  { family: "IPv4", address: "169.254.7.7" },
];
const FOUR: InterfaceAddress = { family: "IPv4", address: "10.0.0.7" };
const SIX: InterfaceAddress = { family: "IPv6", address: "fd00::7" };

const machines: [interfaces: InterfaceAddress[], registry: string, address: string | undefined][] =
  [
    [[...LO, FOUR, SIX], "registry.svc", "10.0.0.7"],
    [[...LO, SIX, FOUR], "registry.svc", "10.0.0.7"],
    [[...LO, FOUR, SIX], "10.0.0.1", "10.0.0.7"],
    [[...LO, FOUR, SIX], "[fd00::1]", "fd00::7"],
    [[...LO, ...LINK, SIX], "registry.svc", "fd00::7"],
    [[...LO, ...LINK, FOUR], "[fd00::1]", "10.0.0.7"],
    [[...LO, ...LINK], "registry.svc", undefined],
  ];
for (const [interfaces, registry, address] of machines) {
  const has = interfaces.map(({ address }) => address).join(", ");
  Deno.test(`a machine with ${has} is reached at ${address} for the registry ${registry}`, () => {
    assert.equal(reachableAddress(interfaces, registry), address);
  });
}

const listening: [advertised: string, withIpv6: string, without: string][] = [
  ["::1", "::1", "::1"],
  ["127.0.0.1", "127.0.0.1", "127.0.0.1"],
  ["127.0.0.2", "127.0.0.1", "127.0.0.1"],
  ["localhost", "127.0.0.1", "127.0.0.1"],
  ["10.0.0.7", "0.0.0.0", "0.0.0.0"],
  ["fd00::7", "::", "::"],
  ["agent.svc", "::", "0.0.0.0"],
];
for (const [advertised, withIpv6, without] of listening) {
  Deno.test(`an agent reached at ${advertised} listens on ${withIpv6}, without IPv6 on ${without}`, () => {
    assert.deepEqual(
      [listeningAddress(advertised, true), listeningAddress(advertised, false)],
      [withIpv6, without],
    );
  });
}
