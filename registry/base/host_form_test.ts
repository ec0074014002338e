import { deepEqual, equal } from "node:assert/strict";
import { confined, hostForm, isSameAddress, isWithin, network } from "./host_form.ts";

const LOOPBACK = [127, 0, 0, 1];
const addresses: [host: string, bytes: number[]][] = [
  ...[
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "0x7f.1",
    "0x7f000001",
    "0177.0.0.1",
    "0177.1",
    "2130706433",
    "017700000001",
    "127.0.0.1.",
    "１２７．０．０．１",
    "127。0。0。1",
    "①②⑦.0.0.1",
    "%31%32%37.0.0.1",
    "::ffff:127.0.0.1",
    "[::ffff:127.0.0.1]",
    "[::FFFF:7F00:1]",
    "0:0:0:0:0:ffff:7f00:0001",
    "::127.0.0.1",
    "::ffff:0:127.0.0.1",
    "64:ff9b::127.0.0.1",
    "64:ff9b:1::127.0.0.1",
    "2002:7f00:1::",
  ].map((host): [string, number[]] => [host, LOOPBACK]),
  ["0", [0, 0, 0, 0]],
  ["10.1.2.3", [10, 1, 2, 3]],
  ["::1", [...Array(15).fill(0), 1]],
  ["[fe80::1]", [0xfe, 0x80, ...Array(13).fill(0), 1]],
  ["2001:db8::ff00:42:8329", [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0xff, 0, 0, 0x42, 0x83, 0x29]],
];
for (const [host, bytes] of addresses) {
  Deno.test(`hostForm() reads ${host} as ${bytes.join(".")}`, () => {
    deepEqual(hostForm(host), { kind: "address", bytes });
  });
}

const names: [host: string, name: string][] = [
  ["localhost", "localhost"],
  ["LOCALHOST.", "localhost"],
  ["ｌｏｃａｌｈｏｓｔ", "localhost"],
  ["Agent.Default.Svc", "agent.default.svc"],
  ["127.0.0.1.example.com", "127.0.0.1.example.com"],
  ["bücher", "xn--bcher-kva"],
];
for (const [host, name] of names) {
  Deno.test(`hostForm() reads ${host} as the name ${name}`, () => {
    deepEqual(hostForm(host), { kind: "name", name });
  });
}

for (const host of ["", "a b", "256.0.0.1", "1.2.3.4.5", "fe80::1%25eth0", "[::1", "::1::2"]) {
  Deno.test(`hostForm() reads nothing from ${JSON.stringify(host)}`, () => {
    equal(hostForm(host), undefined);
  });
}

const leads: [host: string, to: ReturnType<typeof confined>][] = [
  ["127.255.0.9", "this machine"],
  ["0.0.0.0", "this machine"],
  ["::", "this machine"],
  ["::1", "this machine"],
  ["localhost", "this machine"],
  ["x.localhost.", "this machine"],
  ["localhost.localdomain", "this machine"],
  ["ip6-loopback", "this machine"],
  ["169.254.169.254", "the metadata service"],
  ["0xa9fea9fe", "the metadata service"],
  ["2852039166", "the metadata service"],
  ["0251.0376.0251.0376", "the metadata service"],
  ["169.254.43518", "the metadata service"],
  ["::ffff:a9fe:a9fe", "the metadata service"],
  ["fd00:ec2::254", "the metadata service"],
  ["[FD00:0EC2:0:0:0:0:0:254]", "the metadata service"],
  ["100.100.100.200", "the metadata service"],
  ["metadata.google.internal", "the metadata service"],
  ["metadata", "the metadata service"],
  ["169.254.1.1", "the local link"],
  ["fe80::1", "the local link"],
  ["febf::1", "the local link"],
  ["224.0.0.1", "many machines"],
  ["255.255.255.255", "many machines"],
  ["ff02::1", "many machines"],
  ["10.0.0.1", undefined],
  ["192.168.0.1", undefined],
  ["128.0.0.1", undefined],
  ["fec0::1", undefined],
  ["2001:db8::1", undefined],
  ["agent.default.svc.cluster.local", undefined],
  ["notlocalhost", undefined],
  ["metadata.example.com", undefined],
];
for (const [host, to] of leads) {
  Deno.test(`confined() says that ${host} leads to ${to ?? "anywhere"}`, () => {
    const form = hostForm(host);
    equal(form && confined(form), to);
  });
}

const same: [one: string, other: string, expected: boolean][] = [
  ["10.0.0.1", "::ffff:10.0.0.1", true],
  ["10.0.0.1", "10.1", true],
  ["10.0.0.1", "10.0.0.2", false],
  ["2001:db8::1", "2001:0db8:0::0001", true],
  ["a.test", "a.test", false],
];
for (const [one, other, expected] of same) {
  Deno.test(`isSameAddress() of ${one} and ${other} is ${expected}`, () => {
    const [a, b] = [hostForm(one), hostForm(other)];
    equal(a && b && isSameAddress(a, b), expected);
  });
}

const within: [text: string, address: string, expected: boolean | undefined][] = [
  ["10.0.0.0/8", "10.200.3.4", true],
  ["10.0.0.0/8", "11.0.0.1", false],
  ["10.1.2.128/25", "10.1.2.127", false],
  ["10.1.2.128/25", "10.1.2.129", true],
  ["10.1.2.3", "10.1.2.3", true],
  ["0.0.0.0/0", "8.8.8.8", true],
  ["10.0.0.0/8", "::ffff:10.0.0.1", true],
  ["fd00::/8", "fd12::1", true],
  ["fd00::/8", "10.0.0.1", false],
  ["10.0.0.0/33", "10.0.0.1", undefined],
  ["a.test", "10.0.0.1", undefined],
  ["10.0.0.0/", "10.0.0.1", undefined],
];
for (const [text, address, expected] of within) {
  Deno.test(`isWithin() of ${address} and ${text} is ${expected}`, () => {
    const [range, form] = [network(text), hostForm(address)];
    equal(range && form?.kind === "address" ? isWithin(range, form.bytes) : undefined, expected);
  });
}
