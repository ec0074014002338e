import assert from "node:assert/strict";
import { isMeshError } from "./errors.ts";
import { listen } from "./listen.ts";

/** Deno lets only a process with every permission read /proc. */
function procIsReadable(): boolean {
  try {
    return Deno.readTextFileSync("/proc/net/tcp") !== "";
  } catch {
    return false;
  }
}

Deno.test("listen() on a taken port names the port, and its holder where it can be known", () => {
  using taken = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const { port } = taken.addr;
  assert.throws(() => listen("127.0.0.1", port, () => Promise.resolve(new Response())), (error) => {
    assert.ok(isMeshError(error, "port_taken"));
    const holder = procIsReadable() ? ` by process ${Deno.pid} \\(.*\\)` : "";
    assert.match(
      error.message,
      new RegExp(`^port ${port} on 127\\.0\\.0\\.1 is taken${holder}; stop its holder, or`),
    );
    return true;
  });
});

Deno.test("listen() on port 0 takes a free one, and close() waits for answers under way", async () => {
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<Response>();
  const listener = listen("127.0.0.1", 0, () => {
    asked.resolve();
    return answer.promise;
  });
  assert.ok(listener.port > 0);
  const response = fetch(`http://127.0.0.1:${listener.port}/`);
  await asked.promise;
  await listener.close(1);
  const closed = listener.close(60_000);
  answer.resolve(new Response("answered"));
  assert.equal(await (await response).text(), "answered");
  await closed;
});
