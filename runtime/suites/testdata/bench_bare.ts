/** The least that answering the benchmark's requests takes. Argument: the port. */
const options = { hostname: "127.0.0.1", port: Number(Deno.args[0]), onListen() {} };
Deno.serve(options, async (request) => {
  const { pathname } = new URL(request.url);
  if (pathname === "/sums") {
    const { a, b } = await request.json();
    return Response.json({ sum: a + b });
  }
  if (pathname !== "/events") return Response.json({ city: pathname.slice("/cities/".length) });
  const headers = { "content-type": "text/event-stream", "cache-control": "no-transform" };
  return new Response(ReadableStream.from(counted(50_000)), { headers });
});

async function* counted(most: number): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for (let number = 0; number < most; number++) yield encoder.encode(`data: event ${number}\n\n`);
  yield encoder.encode("data: [DONE]\n\n");
}
