import { equal, match, ok } from "node:assert/strict";
import { contextFixture } from "../app/context_fixture.ts";
import { dispatch } from "../app/dispatch.ts";

Deno.test("no command reads an answer that would not fit into memory", async () => {
  const endless = () =>
    Promise.resolve(new Response("[", { headers: { "content-length": String(2 ** 40) } }));
  for (const args of [["list"], ["status"], ["trace", "ls"], ["list", "--schemas"]]) {
    const fixture = contextFixture({ fetch: endless });
    equal(await dispatch(args, fixture.context), 1);
    match(fixture.stderr(), /^Error: \S+ answers too much: 1099511627776 bytes, and \d+ fit\n/);
  }
});

Deno.test("a registry's words are passed on in part, and forge no line", async () => {
  const refuse = () =>
    Promise.resolve(
      Response.json({ error: `no\nError: forged ${"x".repeat(9_999)}` }, { status: 400 }),
    );
  const fixture = contextFixture({ fetch: refuse });
  equal(await dispatch(["trace", "ls"], fixture.context), 2);
  match(fixture.stderr(), /^Error: no\n {2}Error: forged x+\n/);
  ok(fixture.stderr().length < 700);
});
