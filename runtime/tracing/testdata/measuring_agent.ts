#!/usr/bin/env -S deno run
/** An agent that measures itself. */
import { trace } from "@opentelemetry/api";
import { agent, tool } from "mesh";
import { z } from "zod";

const tracer = trace.getTracer("measuring");

export default agent({
  name: "measuring",
  tools: {
    plan: tool(
      {
        input: z.object({ city: z.string() }),
        dependencies: { weather: { capability: "forecast" } },
      },
      async ({ city }, { weather }) =>
        await tracer.startActiveSpan("look around", { attributes: { city } }, async (span) => {
          await Promise.resolve();
          const answer = await weather?.({ city });
          tracer.startSpan("inner", { kind: 4 }).end();
          span.setAttributes({ many: ["a", "b"], answered: true });
          span.end();
          return answer;
        }),
    ),
    fails: tool({}, () => {
      tracer.startActiveSpan("try", (span) => {
        span.recordException(new Error("no luck"));
        span.setStatus({ code: 2 });
        span.end();
        span.end();
      });
      return "done";
    }),
    streams: tool({}, async function* () {
      yield "a";
      tracer.startSpan("between").end();
      yield "b";
    }),
  },
});
