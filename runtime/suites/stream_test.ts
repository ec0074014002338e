/** Streams over real connections: chunk by chunk, held by their reader, ended from either side. */
import assert from "node:assert/strict";
import { once } from "node:events";
import * as z from "zod";
import { type Agent, agent } from "../define/agent.ts";
import { type Served, served, wire } from "./served_fixture.ts";
import { tool } from "../define/tool.ts";

/** Lets a producer go on by one chunk at a time. */
class Gate {
  #open = Promise.withResolvers<void>();

  get passed(): Promise<void> {
    return this.#open.promise;
  }

  open(): void {
    this.#open.resolve();
    this.#open = Promise.withResolvers();
  }
}

/** An agent that passes on what `next` streams. */
function relay(name: string) {
  return agent({
    name,
    tools: {
      relay: tool(
        { dependencies: { next: { capability: "next", required: true } } },
        async function* (
          _,
          { next },
        ) {
          for await (const chunk of next.stream()) yield chunk;
        },
      ),
    },
  });
}

/** A count, once it has stayed the same for so many turns of the event loop that nobody can be at it. */
async function atRest(count: () => number): Promise<number> {
  let last = count();
  for (let turn = 0; turn < 1_000; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    if (count() === last) continue;
    last = count();
    turn = 0;
  }
  return last;
}

/** `relay` of `first` leads over a second relay to a tool of `last`. */
async function chain(
  open: (agent: Agent) => Promise<Served>,
  last: Served,
  functionName: string,
): Promise<AsyncDisposable & { first: Served }> {
  const first = await open(relay("first"));
  const second = await open(relay("second"));
  wire(first, "relay", second, "relay");
  wire(second, "relay", last, functionName);
  return {
    first,
    async [Symbol.asyncDispose]() {
      await Promise.all([first[Symbol.asyncDispose](), second[Symbol.asyncDispose]()]);
    },
  };
}

/** Both ways to listen. */
const listening: Record<string, Record<string, string>> = {
  "without a limit on connections": {},
  "with a limit on connections": { MCP_MESH_MAX_CONNECTIONS: "100" },
};
for (const [mode, env] of Object.entries(listening)) {
  const open = (agent: Agent) => served(agent, env);
  const test = (name: string, run: () => Promise<void>) => Deno.test(`${name}, ${mode}`, run);

  test("chunks cross three agents one by one, without waiting for each other", async () => {
    const gate = new Gate();
    const producer = agent({
      name: "producer",
      tools: {
        produce: tool({}, async function* () {
          for (let number = 1; number <= 3; number++) {
            yield `chunk ${number}`;
            await gate.passed;
          }
          yield { not: "text" };
        }),
      },
    });
    await using last = await open(producer);
    await using mesh = await chain(open, last, "produce");
    const seen: unknown[] = [];
    const result = await mesh.first.call("relay", {
      onChunk: (chunk) => {
        seen.push(chunk);
        // The producer goes on only once the reader has this chunk: nothing on the way holds it back.
        gate.open();
        return Promise.resolve();
      },
    });
    assert.deepEqual(seen, ["chunk 1", "chunk 2", "chunk 3", { not: "text" }]);
    assert.equal(result, "", "a reader of chunks is not sent them all again");
  });

  test("a reader that stops runs the producer's finally, three agents away", async () => {
    const closed = Promise.withResolvers<void>();
    const producer = agent({
      name: "producer",
      tools: {
        produce: tool({}, async function* () {
          try {
            for (;;) yield await Promise.resolve("more");
          } finally {
            closed.resolve();
          }
        }),
      },
    });
    const reader = agent({
      name: "reader",
      tools: {
        first: tool({ dependencies: { next: { capability: "next", required: true } } }, async (
          _,
          { next },
        ) => {
          for await (const chunk of next.stream()) return chunk;
        }),
      },
    });
    await using last = await open(producer);
    await using mesh = await chain(open, last, "produce");
    await using start = await open(reader);
    wire(start, "first", mesh.first, "relay");
    assert.equal(await start.call("first"), "more");
    await closed.promise;
  });

  test("a caller that goes away fires the far handler's signal, through two hops", async () => {
    const started = Promise.withResolvers<void>();
    const aborted = Promise.withResolvers<unknown>();
    const far = agent({
      name: "far",
      tools: {
        waits: tool({}, async (_, { signal }) => {
          started.resolve();
          await once(signal, "abort");
          aborted.resolve(signal.reason.code);
        }),
      },
    });
    await using last = await open(far);
    await using mesh = await chain(open, last, "waits");
    const abort = new AbortController();
    const calling = mesh.first.call("relay", { signal: abort.signal });
    await started.promise;
    abort.abort(new Error("enough"));
    await assert.rejects(calling, /enough/);
    assert.equal(await aborted.promise, "cancelled");
  });

  test("a reader that takes no more holds the producer, and lets it go on when it does", async () => {
    const CHUNK = "x".repeat(64 * 1024);
    const CHUNKS = 2_000;
    let produced = 0;
    const producer = agent({
      name: "producer",
      tools: {
        produce: tool({}, async function* () {
          for (; produced < CHUNKS; produced++) yield await Promise.resolve(CHUNK);
        }),
      },
    });
    await using last = await open(producer);
    await using mesh = await chain(open, last, "produce");
    const abort = new AbortController();
    let held: number | undefined;
    const reading = mesh.first.call("relay", {
      onChunk: async () => {
        if (held === undefined) held = await atRest(() => produced);
        else if (produced > held) abort.abort(new Error("it goes on"));
      },
      signal: abort.signal,
    });
    await assert.rejects(reading, /it goes on/);
    // What may lie between them is what sockets hold, a few MiB a hop, whatever the length of the stream.
    assert.ok(held !== undefined && held < CHUNKS / 2, `the producer was ${held} chunks ahead`);
  });

  test("a stream that stalls is given up, before and after its first chunk", async () => {
    const aborted: string[] = [];
    const both = Promise.withResolvers<void>();
    const producer = agent({
      name: "producer",
      tools: {
        stalls: tool(
          { input: z.object({ after: z.number() }) },
          async function* ({ after }, { signal }) {
            for (let number = 0; number < after; number++) yield "chunk";
            await once(signal, "abort");
            if (aborted.push(signal.reason.code) === 2) both.resolve();
          },
        ),
      },
    });
    await using last = await open(producer);
    for (const after of [0, 2]) {
      const seen: unknown[] = [];
      const stalled = last.call("stalls", {
        args: { after },
        stallMs: 50,
        onChunk: (chunk) => {
          seen.push(chunk);
          return Promise.resolve();
        },
      });
      await assert.rejects(stalled, {
        code: "stream_stalled",
        message: /no further chunk for 50 ms/,
      });
      assert.equal(seen.length, after);
    }
    await both.promise;
    assert.deepEqual(aborted, ["cancelled", "cancelled"]);
  });

  test("a reader that takes its time does not make a stream stall", async () => {
    const producer = agent({
      name: "producer",
      tools: {
        produce: tool({}, async function* () {
          for (let number = 0; number < 3; number++) yield await Promise.resolve(String(number));
        }),
      },
    });
    await using last = await open(producer);
    const stallMs = 500;
    let read = 0;
    const onChunk = async () => {
      // Begun later, so over later, than the wait for a chunk that had not ended with this one.
      if (++read === 2) await new Promise<void>((resolve) => setTimeout(resolve, stallMs));
    };
    assert.equal(await last.call("produce", { stallMs, onChunk }), "");
    assert.equal(read, 3);
  });

  test("a failure in the middle of a stream reaches the reader after the chunks before it", async () => {
    const producer = agent({
      name: "producer",
      tools: {
        breaks: tool({}, async function* () {
          yield await Promise.resolve("a");
          throw new RangeError("out of paper");
        }),
      },
    });
    await using last = await open(producer);
    await using mesh = await chain(open, last, "breaks");
    const seen: unknown[] = [];
    const failing = mesh.first.call("relay", {
      onChunk: (chunk) => {
        seen.push(chunk);
        return Promise.resolve();
      },
    });
    await assert.rejects(failing, { code: "tool_failed", message: /out of paper/ });
    assert.deepEqual(seen, ["a"]);
  });

  test("a reader of the reference's conventions gets the whole text as well", async () => {
    const producer = agent({
      name: "producer",
      tools: {
        produce: tool({}, async function* () {
          yield "a";
          yield await Promise.resolve("b");
        }),
      },
    });
    assert.deepEqual(producer.manifest().tools[0]?.kwargs, { stream_type: "text" });
    await using last = await open(producer);
    const response = await fetch(`${last.endpoint}/mcp`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
      },
      body: JSON.stringify({
        jsonrpc: "2.0",
        id: "req_1",
        method: "tools/call",
        params: { name: "produce", arguments: {}, _meta: { progressToken: "t" } },
      }),
    });
    const messages = (await response.text()).split("\n").filter((line) => line.startsWith("data: "))
      .map((line) => JSON.parse(line.slice("data: ".length)));
    assert.deepEqual(messages.slice(0, 2).map(({ params }) => params), [
      { progress: 0.000001, message: "a", progressToken: "t" },
      { progress: 0.000002, message: "b", progressToken: "t" },
    ]);
    assert.equal(messages[2].id, "req_1");
    assert.deepEqual(messages[2].result.content, [{ type: "text", text: "ab" }]);
  });
}
