import { deepEqual, equal } from "node:assert/strict";
import { lookups } from "./lookups.ts";

const coded = Object.assign(new Error("getaddrinfo ENOTFOUND"), { code: "ENOTFOUND" });
const cases: [what: string, find: () => Promise<string[]>, found: string[] | undefined][] = [
  ["the addresses of a name", () => Promise.resolve(["10.0.0.7", "::1"]), ["10.0.0.7", "::1"]],
  ["none for a name that there is not", () => Promise.reject(coded), []],
  [
    "none for a name whose servers take too long",
    () => Promise.withResolvers<string[]>().promise,
    [],
  ],
  ["nothing where names cannot be looked up", () => Promise.reject(new TypeError("no")), undefined],
];
for (const [what, find, found] of cases) {
  Deno.test(`lookups() finds ${what}`, async () => {
    deepEqual(await lookups(find, 10)("agent.svc"), found);
  });
}

Deno.test("lookups() asks once for what is asked again a moment later, and remembers a bounded number of names", async () => {
  const asked: string[] = [];
  const lookup = lookups((name) => {
    asked.push(name);
    return Promise.resolve([name]);
  });
  await Promise.all([lookup("first"), lookup("first")]);
  equal(asked.length, 1);
  for (let number = 0; number < 1_000; number++) await lookup(`name-${number}`);
  deepEqual(await lookup("first"), ["first"]);
  equal(asked.length, 1_002);
});

Deno.test("lookups() finds the addresses that connections use", async () => {
  const addresses = await lookups()("localhost") ?? [];
  equal(addresses.some((address) => ["127.0.0.1", "::1"].includes(address)), true);
  deepEqual(await lookups(undefined, 5_000)("nowhere.invalid"), []);
});
