/** A gateway that has some of everything, for random requests. */
import { gateway, route, sse } from "mesh";
import { z } from "zod";

export default gateway({
  name: "fuzzed-front",
  maxBodyBytes: 64 * 1024,
  routes: {
    "GET /": () => "hello",
    "POST /plan": route({
      body: z.object({ destination: z.string(), days: z.number().default(3) }),
    }, ({ body }) => body),
    "GET /cities/:city/weather": route({
      query: z.object({ day: z.coerce.number().optional() }),
    }, ({ params, query }) => ({ ...params, ...query })),
    "GET /files/:path*": ({ params }) => params,
    "POST /echo": async ({ request }) => new Response(await request.bytes()),
    "GET /events": () => sse([1, "two", { three: 3 }]),
  },
});
