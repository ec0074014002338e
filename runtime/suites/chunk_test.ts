/** Streams whose chunks are declared: typed, checked on both sides, and collected as declared. */
import assert from "node:assert/strict";
import * as z from "zod";
import { agent, type Tool, tool } from "../mod.ts";
import { served, wire } from "./served_fixture.ts";
import { testMesh } from "../testing/mod.ts";

const Row = z.object({ id: z.number(), tags: z.array(z.string()) });

/** An agent that passes a stream of `rows` on, and one that reads it plainly. */
function reader(chunk: z.ZodType) {
  const rows = { capability: "rows", chunk, required: true } as const;
  return agent({
    name: "reader",
    tools: {
      relay: tool({ dependencies: { rows } }, async function* (_, { rows }) {
        yield* rows.stream();
      }),
      handed: tool({ chunk: z.unknown(), dependencies: { rows } }, (_, { rows }) => rows.stream()),
      whole: tool({ dependencies: { rows } }, (_, { rows }) => rows()),
    },
  });
}

async function producing(rows: Tool) {
  const mesh = testMesh();
  await mesh.join(agent({ name: "producer", tools: { rows } }));
  return mesh;
}

function rowsOf(chunk: z.ZodType, ...values: unknown[]): Tool {
  return tool({ chunk }, async function* () {
    yield* values;
  });
}

const one = { id: 1, tags: ["a"] };
const two = { id: 2, tags: [] };

/** Streams, and the answers to plain calls of them. */
const collections: [what: string, rows: Tool, whole: unknown][] = [
  ["text", rowsOf(z.string(), "a", "b"), "ab"],
  ["words", rowsOf(z.enum(["a", "b"]), "a", "b"), "ab"],
  ["no text", rowsOf(z.string()), ""],
  ["objects", rowsOf(Row, one, two), [one, two]],
  ["no objects", rowsOf(Row), []],
  ["text or numbers", rowsOf(z.union([z.string(), z.number()]), "a", "b"), ["a", "b"]],
  ["anything, all of it text", rowsOf(z.unknown(), "a", "b"), "ab"],
  ["anything", rowsOf(z.unknown(), "a", 1), ["a", 1]],
  [
    "text, of which the output is a list",
    tool({ output: z.array(z.string()) }, async function* () {
      yield "a";
      yield "b";
    }),
    ["a", "b"],
  ],
  [
    "nothing, of which the output is a list",
    tool({ output: z.array(z.string()) }, async function* () {}),
    [],
  ],
];
for (const [what, rows, whole] of collections) {
  Deno.test(`a plain call of a tool that streams ${what} answers ${JSON.stringify(whole)}`, async () => {
    await using mesh = await producing(rows);
    assert.deepEqual(await mesh.call("rows"), whole);
  });
}

Deno.test("chunks are read one by one, typed and as they were sent", async () => {
  await using mesh = await producing(rowsOf(Row, one, two));
  await mesh.join(reader(Row));
  assert.deepEqual(await Array.fromAsync(mesh.stream("relay")), [one, two]);
  assert.deepEqual(await Array.fromAsync(mesh.stream("handed")), [one, two]);
  assert.deepEqual(await mesh.call("whole"), [one, two]);
});

Deno.test("a chunk that is not what its tool declares fails the stream where it is made", async () => {
  const closed = Promise.withResolvers<void>();
  await using mesh = await producing(tool({ chunk: Row }, async function* () {
    try {
      yield one;
      yield { id: "2", tags: [1] } as never;
      yield two;
    } finally {
      closed.resolve();
    }
  }));
  const seen: unknown[] = [];
  const failure = {
    code: "bad_output",
    message: /^invalid chunk 2 of rows: id: .*expected number.*; tags\.0: .*expected string/,
  };
  await assert.rejects(async () => {
    for await (const chunk of mesh.stream("rows")) seen.push(chunk);
  }, failure);
  assert.deepEqual(seen, [one]);
  await closed.promise;
  await assert.rejects(mesh.call("rows"), failure);
});

Deno.test("a chunk that is not what its consumer declares fails there, and names the provider", async () => {
  const closed = Promise.withResolvers<void>();
  await using mesh = await producing(tool({}, async function* () {
    try {
      yield one;
      yield { id: 2 };
      for (;;) yield await Promise.resolve(two);
    } finally {
      closed.resolve();
    }
  }));
  await mesh.join(reader(Row));
  await assert.rejects(Array.fromAsync(mesh.stream("relay")), {
    message: /invalid chunk 2 of rows, sent by producer: tags: .*expected array/,
  });
  // The call is given up.
  await closed.promise;
});

Deno.test("the answer to a plain call is checked as collected chunks", async () => {
  await using mesh = await producing(tool({}, async function* () {
    yield "a";
  }));
  const asking = await mesh.join(reader(Row));
  await assert.rejects(asking.call("whole"), {
    message: /invalid result of rows: .*expected array/,
  });
  await asking.leave();
  await mesh.join(reader(z.string()));
  assert.equal(await mesh.call("whole"), "a");
});

Deno.test("a provider that says nothing may stream nothing", async () => {
  await using mesh = await producing(tool({}, async function* () {}));
  await mesh.join(reader(Row));
  assert.deepEqual(await mesh.call("whole"), []);
});

Deno.test("a tool that does not stream yields its value once, as a chunk", async () => {
  await using mesh = await producing(tool({}, () => one));
  await mesh.join(reader(Row));
  assert.deepEqual(await Array.fromAsync(mesh.stream("relay")), [one]);
});

Deno.test("schemas of chunks read and write: defaults, transforms and codecs", async () => {
  const at = z.codec(z.iso.datetime(), z.date(), {
    decode: (text) => new Date(text),
    encode: (date) => date.toISOString(),
  });
  const Event = z.object({ at, kind: z.string().default("note") });
  await using mesh = await producing(tool({ chunk: Event }, async function* () {
    yield { at: "2026-01-02T03:04:05.000Z" };
  }));
  await mesh.join(agent({
    name: "years",
    tools: {
      years: tool({
        chunk: z.string(),
        dependencies: { rows: { capability: "rows", chunk: Event, required: true } },
      }, async function* (_, { rows }) {
        for await (const { at, kind } of rows.stream()) yield `${kind} of ${at.getUTCFullYear()}`;
      }),
    },
  }));
  assert.equal(await mesh.call("years"), "note of 2026");
});

Deno.test("a tool that declares chunks has to return a stream", async () => {
  await using mesh = await producing(tool({ chunk: z.string() }, () => "text" as never));
  await assert.rejects(mesh.call("rows"), {
    code: "bad_output",
    message: 'invalid result of rows: the tool declares "chunk" and its handler returned no ' +
      "stream; make the handler an async generator",
  });
});

Deno.test("an output beside chunks is that of a plain call, and checked for one", async () => {
  const short = tool({ chunk: z.string(), output: z.string().max(3) }, async function* () {
    yield "ab";
    yield "cd";
  });
  await using mesh = await producing(short);
  await mesh.join(reader(z.string()));
  assert.deepEqual(await Array.fromAsync(mesh.stream("relay")), ["ab", "cd"]);
  await assert.rejects(mesh.call("rows"), {
    code: "bad_output",
    message: /invalid result of rows: Too big/,
  });
  for (const output of [z.array(z.string()), z.object({ text: z.string() })]) {
    assert.throws(
      () =>
        agent({
          name: "a",
          tools: { t: tool({ chunk: z.string(), output }, async function* () {}) },
        }),
      {
        code: "bad_definition",
        message: /^tool "t": its chunks are joined to text, which "output" does not fit; leave/,
      },
    );
  }
});

Deno.test("a declared chunk is listed, and the collected chunks are published as output", async () => {
  const { manifest } = agent({
    name: "a",
    tools: { rows: rowsOf(Row), texts: rowsOf(z.string()) },
  });
  const [rows, texts] = manifest().tools;
  assert.deepEqual([rows?.outputSchema?.["type"], texts?.outputSchema], ["array", {
    type: "string",
  }]);
  assert.deepEqual([rows?.chunkSchema?.["type"], texts?.chunkSchema], ["object", {
    type: "string",
  }]);
  assert.deepEqual(texts?.kwargs, { stream_type: "text" });

  await using mesh = await producing(rowsOf(Row, one));
  await mesh.join(agent({
    name: "asking",
    tools: {
      list: tool({
        dependencies: {
          rows: { capability: "rows", output: z.array(Row), matchMode: "strict", required: true },
        },
      }, (_, { rows }) => rows.listTools()),
    },
  }));
  const listed = await mesh.call("list") as { _meta: Record<string, unknown> }[];
  assert.deepEqual(listed[0]?._meta["mesh/chunk"], rows?.chunkSchema);
});

Deno.test("typed chunks cross real connections", async () => {
  await using producer = await served(
    agent({ name: "producer", tools: { rows: rowsOf(Row, one, { id: 2 }) } }),
  );
  await using consumer = await served(reader(Row));
  wire(consumer, "relay", producer, "rows");
  const seen: unknown[] = [];
  const onChunk = (chunk: unknown) => {
    seen.push(chunk);
    return Promise.resolve();
  };
  await assert.rejects(consumer.call("relay", { onChunk }), {
    message: /^rows: invalid chunk 2 of rows: tags: .*expected array/,
  });
  assert.deepEqual(seen, [one]);
});

Deno.test("a fake streams what its generator yields", async () => {
  await using mesh = testMesh();
  await mesh.fake("rows", async function* () {
    yield one;
    yield two;
  }, { chunk: Row });
  await mesh.join(reader(Row));
  assert.deepEqual(await Array.fromAsync(mesh.stream("relay")), [one, two]);
  for await (const chunk of mesh.stream("rows")) {
    assert.deepEqual(chunk, one);
    break;
  }
});
