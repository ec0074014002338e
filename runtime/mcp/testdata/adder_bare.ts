/** The least that answering the benchmark's call takes: parse, add, answer. Argument: the port. */
const options = { hostname: "127.0.0.1", port: Number(Deno.args[0]), onListen() {} };
Deno.serve(options, async (request) => {
  const { id, params } = await request.json();
  const structuredContent = { sum: params.arguments.a + params.arguments.b };
  const content = [{ type: "text", text: JSON.stringify(structuredContent) }];
  return Response.json({ jsonrpc: "2.0", id, result: { content, structuredContent } });
});
