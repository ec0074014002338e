/**
 * Calls a tool over and over, so many times at once, until it is ended: in a process of its own, so that
 * reading the answers costs nobody who measures. Arguments: the port, how many, and the body.
 */
const [port, count, body = ""] = Deno.args;

async function keepCalling(): Promise<void> {
  const headers = {
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
    "mcp-protocol-version": "2025-11-25",
  };
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/mcp`, { method: "POST", headers, body });
    await answer.body?.pipeTo(new WritableStream());
  }
}

await Promise.all(Array.from({ length: Number(count) }, keepCalling));
