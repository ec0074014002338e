/** Aborts a request whose body is being read, when all that could be collected has been. */
import { keptWithBody } from "../kept_response.ts";

declare const gc: () => void;

const abort = new AbortController();
await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => {
  const body = new ReadableStream({ start: (stream) => stream.enqueue(new Uint8Array(1)) });
  return new Response(body);
});

/** Nothing but the reader leaves here. */
async function reading() {
  const { signal } = abort;
  const response = await fetch(`http://127.0.0.1:${server.addr.port}/`, { signal });
  return keptWithBody(response).body!.getReader();
}

const reader = await reading();
await reader.read();
for (let time = 0; time < 5; time++) {
  gc();
  await new Promise((resolve) => setTimeout(resolve));
}
abort.abort(new Error("enough"));
console.log(await reader.read().then(() => "read on", (error) => error.message));
