#!/usr/bin/env -S deno run --allow-env=MESH_SUITE_ALLOWED
/** The agent whose tools the host suite exercises. */
import process from "node:process";
import { agent, elicit, MeshError, prompt, resource, tool } from "mesh";
import { z } from "zod";

let healthy = true;

const self = agent({
  name: "suite",
  tools: {
    echo: tool({ input: z.object({ value: z.unknown() }) }, ({ value }) => value),
    parse: tool({
      input: z.object({
        count: z.number().default(3),
        when: z.string().transform((text) => text.toUpperCase()),
      }),
      output: z.object({ count: z.number().max(5), when: z.string() }),
    }, (input) => input),
    ready_made: tool({}, () => ({
      content: [
        { type: "text", text: "look" },
        { type: "image", data: "aGk=", mimeType: "image/png" },
      ],
    })),
    link: tool({}, () => ({ type: "resource_link", uri: "file:///a", name: "a" })),
    nothing: tool({}, () => {}),
    cyclic: tool({}, () => {
      const value: Record<string, unknown> = {};
      value["self"] = value;
      return value;
    }),
    fails: tool({}, () => {
      throw new RangeError("out of range");
    }),
    refuses: tool({}, () => {
      throw new MeshError("bad_input", "not on Sundays", { details: { day: "Sunday" } });
    }),
    context: tool({}, (_, { headers, trace, signal }) => ({
      headers,
      trace,
      aborted: signal.aborted,
    })),
    logs: tool({}, (_, { log }) => {
      log.info("first", { answer: 42 });
      log.error("second");
      return "logged";
    }),
    progresses: tool({}, (_, { progress }) => {
      progress(1, 2, "half");
      progress(2, 2);
      return "done";
    }),
    streams: tool(
      { input: z.object({ chunks: z.array(z.unknown()) }) },
      async function* ({ chunks }) {
        for (const chunk of chunks) yield await Promise.resolve(chunk);
      },
    ),
    stream_forever: tool({}, async function* (_, { log }) {
      try {
        for (let number = 0;; number++) yield String(await Promise.resolve(number));
      } finally {
        log.info("closed");
      }
    }),
    waits: tool({}, (_, { signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
      })),
    depends: tool({
      input: z.object({ args: z.record(z.string(), z.unknown()), sibling: z.string().optional() }),
      dependencies: {
        other: {
          capability: "other",
          input: z.object({ n: z.number() }),
          output: z.object({ doubled: z.number() }),
        },
      },
    }, async ({ args, sibling }, { other }) => {
      if (other === undefined) return "not wired";
      if (sibling !== undefined) return await other.callTool(sibling, args);
      // The declared input is checked at run time too; this test passes what the types refuse.
      return { ...await other(args as { n: number }), target: other.target };
    }),
    depends_stream: tool({
      input: z.object({ take: z.number() }),
      dependencies: { other: { capability: "other", required: true } },
    }, async ({ take }, { other }) => {
      const taken: unknown[] = [];
      for await (const chunk of other.stream({ n: 1 })) {
        taken.push(chunk);
        if (taken.length === take) break;
      }
      return taken;
    }),
    change_tools: tool({}, () => {
      self.tools.add("added", tool({}, () => "new"));
      self.tools.remove("link");
    }),
    reads_env: tool(
      { input: z.object({ name: z.string() }) },
      ({ name }) => Deno.env.get(name) ?? null,
    ),
    reads_process_env: tool(
      { input: z.object({ name: z.string() }) },
      ({ name }) => ({ value: process.env[name] ?? null, names: Object.keys(process.env) }),
    ),
    reads_file: tool({}, () => Deno.readTextFile("/etc/hostname")),
    fetches: tool({}, async () => (await fetch("http://localhost:9999/")).status),
    wraps_refusal: tool({}, async () => {
      try {
        await Deno.readTextFile("/etc/hostname");
      } catch (cause) {
        throw new Error("no host name", { cause });
      }
    }),
    swallows_refusal: tool({}, async () => {
      const files = await Promise.allSettled([Deno.readTextFile("/etc/hostname")]);
      try {
        Deno.env.get("HOME");
      } catch (error) {
        return `${files[0]?.status}, ${Object.keys(Object(error))}`;
      }
      return "nothing was refused";
    }),
    blocks: tool({ input: z.object({ ms: z.number() }) }, ({ ms }) => {
      const until = performance.now() + ms;
      while (performance.now() < until);
      return "unblocked";
    }),
    crashes: tool({}, () => {
      setTimeout(() => {
        throw new Error("nobody catches this");
      }, 0);
      return new Promise(() => {});
    }),
    exits: tool({}, () => Deno.exit(7)),
    asks: tool({}, async (_, { ask, client }) => {
      const { name } = await ask({ name: elicit("Who?", z.object({ name: z.string() })) });
      return `${client?.name}: ${name.action === "accept" ? name.content.name : name.action}`;
    }),
    swallows: tool({}, async (_, { ask }) => {
      try {
        await ask({ name: elicit("Who?", z.object({ name: z.string() })) });
      } catch {
        return "swallowed";
      }
    }),
    set_health: tool({ input: z.object({ healthy: z.boolean() }) }, (input) => {
      healthy = input.healthy;
    }),
  },
  prompts: {
    greet: prompt({
      args: z.object({ name: z.string() }),
      complete: { name: (value, others) => [`${value}da`, JSON.stringify(others)] },
      dependencies: { other: { capability: "other" } },
    }, async ({ name }, { other }) => `Greet ${name} ${JSON.stringify(await other?.({ n: 1 }))}`),
  },
  resources: {
    item: resource({ uri: "item://{id}" }, ({ id, uri }) => id === "0" ? undefined : { id, uri }),
    touch: resource({ uri: "item://touch" }, () => {
      self.resources.updated("item://1");
      return "touched";
    }),
  },
  healthCheck: () => healthy || { status: "unhealthy", errors: ["told to be"] },
  startupCheck: () => {
    throw new Error("cannot tell");
  },
});

export default self;
