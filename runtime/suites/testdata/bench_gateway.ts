#!/usr/bin/env -S deno run --allow-net --allow-env=MCP_MESH_*
/** The gateway whose requests are counted. */
import { gateway, route, sse } from "mesh";
import { z } from "zod";

export default gateway({
  name: "bench",
  routes: {
    "GET /cities/:city": ({ params }) => ({ city: params.city }),
    "POST /sums": route(
      { body: z.object({ a: z.number(), b: z.number() }) },
      ({ body }) => ({ sum: body.a + body.b }),
    ),
    "GET /events": () => sse(counted(50_000)),
  },
});

async function* counted(most: number): AsyncGenerator<string> {
  for (let number = 0; number < most; number++) yield `event ${number}`;
}
