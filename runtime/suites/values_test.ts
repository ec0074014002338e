/** What agent code hands over arrives whole, or fails with its place, from both hosts alike. */
import assert from "node:assert/strict";
import { bareEnvironment } from "./call_fixture.ts";
import type { CallEnvironment, DependencyPort, Host } from "../boundary/host.ts";
import { hostInThread } from "../in_thread/in_thread.ts";
import { hostTest, isolated } from "./hosts_fixture.ts";

const url = new URL("./testdata/values_agent.ts", import.meta.url).href;

const hosts: Record<string, () => Promise<Host>> = {
  "in thread": async () => hostInThread((await import(`${url}?${crypto.randomUUID()}`)).default),
  ...isolated((host) => () => host({ url, permissions: {}, log: () => {} })),
};

const BASE64 = "AQL/";

/** What JSON has no form of, and how that is told. */
const refused: readonly (readonly [value: string, says: string])[] = [
  ["map", " is a Map; make it an object, or a list of its entries"],
  ["function", " is a function; give data instead"],
  ["symbol", " is a symbol"],
  ["nan", " is NaN; use null or a text"],
  ["bigint", " is a BigInt; make it a number or a text"],
  ["undefined", "[0] is undefined, which lists cannot hold; use null"],
  ["empty", " is an Empty without any field that JSON could hold"],
  ["itself", "again is in itself"],
  ["numbers", " is a Float32Array; make it a list, or bytes (Uint8Array)"],
  ["promise", " is a Promise; await it"],
];
/** What has a form within a value. */
const held: readonly (readonly [value: string, form: unknown])[] = [
  ["date", "1970-01-01T00:00:00.000Z"],
  ["bytes", BASE64],
  ["buffer", BASE64],
  ["blob", BASE64],
  ["png", BASE64],
];

function embedded(mimeType = "application/octet-stream", uri = "mesh:bytes"): unknown {
  return { type: "resource", resource: { uri, mimeType, blob: BASE64 } };
}

/** What a result, or a chunk, becomes that is bytes. */
const whole: readonly (readonly [value: string, block: unknown])[] = [
  ["bytes", embedded()],
  ["buffer", embedded()],
  ["blob", embedded()],
  ["png", { type: "image", data: BASE64, mimeType: "image/png" }],
  ["wav", { type: "audio", data: BASE64, mimeType: "audio/wav" }],
  ["pdf", embedded("application/pdf", "mesh:bytes/a%20plan.pdf")],
];

function environment(
  overrides: Partial<CallEnvironment> = {},
): CallEnvironment & { readonly chunks_: unknown[]; readonly lines: unknown[] } {
  const chunks_: unknown[] = [];
  const lines: unknown[] = [];
  return {
    ...bareEnvironment(),
    emit: (chunk) => Promise.resolve(void chunks_.push(chunk)),
    log: (_level, _message, fields) => lines.push(fields),
    chunks_,
    lines,
    ...overrides,
  };
}

/** Whether a failure says so at the end of what it says of a place. */
function failure(code: string, what: string, place: string, says: string) {
  return (error: { readonly code: string; readonly message: string }) => {
    assert.equal(error.code, code);
    const path = says.startsWith(" ") || says.startsWith("[") ? place + says : `${place}.${says}`;
    const start = `${what} has no JSON form: ${path.replace(/^\./, "").replace(/^ /, "it ")}`;
    assert.ok(error.message.startsWith(start), `${error.message} does not start with ${start}`);
    return true;
  };
}

for (const [kind, open] of Object.entries(hosts)) {
  const test = (name: string, run: (host: Host) => Promise<void>) =>
    hostTest(kind)(`${kind} host: ${name}`, async () => {
      await using host = await open();
      await run(host);
    });
  const json = async (host: Host, key: string, args: unknown, env = environment()) => {
    const outcome = await host.invoke(key, args, env);
    assert.equal(outcome.kind, "value");
    return outcome.kind === "value" ? JSON.parse(outcome.json) : undefined;
  };
  const content = async (host: Host, key: string, value: string): Promise<unknown> => {
    const outcome = await host.invoke(key, { value, uri: `x://${value}` }, environment());
    return outcome.kind === "result" ? outcome.result : assert.fail(outcome.kind);
  };

  const places: [tool: string, what: string, place: string][] = [
    ["answers", "the result", ""],
    ["within", "the result", "at[0]"],
    ["ready_made", "the result", "structuredContent.at"],
    ["streams", "a chunk of the stream", ""],
    ["prompt:shows", "the prompt", "messages[0].content.data"],
    ["resource:bare", "what is under x://$", ""],
    ["resource:within", "what is under x://$", "at"],
    ["resource:pieces", "what is under x://$", "contents[0].blob"],
  ];
  for (const [key, what, place] of places) {
    test(`what JSON cannot hold is a failure of ${key} that names its place`, async (host) => {
      for (const [value, says] of refused) {
        // What a handler returns or yields is awaited.
        if (value === "promise" && place === "") continue;
        await assert.rejects(
          host.invoke(key, { value, uri: `x://${value}` }, environment()),
          failure("bad_output", what.replace("$", value), place, says),
        );
      }
      assert.deepEqual(await json(host, "within", { value: "date" }), { at: [held[0]?.[1]] });
    });
  }

  test("bytes and dates within values have a JSON form", async (host) => {
    for (const [value, form] of held) {
      assert.deepEqual(await json(host, "within", { value }), { at: [form] });
      assert.deepEqual(await content(host, "ready_made", value), {
        content: [{ type: "text", text: "x" }],
        structuredContent: { at: form },
      });
      assert.deepEqual(await content(host, "resource:within", value), {
        contents: [{
          uri: `x://${value}`,
          mimeType: "application/json",
          text: JSON.stringify({ at: form }),
        }],
      });
    }
  });

  test("bytes are content, as results, as chunks and where content wants them", async (host) => {
    const image = { type: "image", data: BASE64, mimeType: "image/gif" };
    for (const [value, block] of whole) {
      assert.deepEqual(await content(host, "answers", value), { content: [block] });
      const env = environment();
      assert.deepEqual(await json(host, "streams", { value }, env), ["first", block]);
      assert.deepEqual(env.chunks_, ["first", block]);
      assert.deepEqual(await content(host, "block", value), { content: [image] });
      assert.deepEqual(await content(host, "prompt:shows", value), {
        messages: [{ role: "user", content: image }],
      });
      assert.deepEqual(await content(host, "resource:pieces", value), {
        contents: [{ uri: `x://${value}`, blob: BASE64 }],
      });
    }
    const types = { png: "image/png", wav: "audio/wav", pdf: "application/pdf" };
    for (const [value, mimeType] of Object.entries({ bytes: undefined, ...types })) {
      assert.deepEqual(await content(host, "resource:bare", value), {
        contents: [{
          uri: `x://${value}`,
          mimeType: mimeType ?? "application/octet-stream",
          blob: BASE64,
        }],
      });
    }
  });

  for (const how of ["call", "callTool", "stream"]) {
    test(`arguments of a dependency are sent whole, or not: ${how}`, async (host) => {
      const asked: unknown[] = [];
      const call: DependencyPort["call"] = (request) => {
        asked.push("args" in request ? request.args : request);
        return Promise.resolve("done");
      };
      const target = { agentId: "other-1", tool: "other", endpoint: "http://other" };
      const dependencies = new Map([["other", { target, call }]]);
      const env = environment({ dependencies });
      for (const [value, says] of refused) {
        await assert.rejects(
          host.invoke("asks", { value, how }, env),
          failure("tool_failed", "what is asked of other", "at", says),
        );
      }
      assert.deepEqual(asked, []);
      for (const [value] of held) await host.invoke("asks", { value, how }, env);
      assert.deepEqual(asked, held.map(([, at]) => ({ at })));
    });
  }

  test("a failure keeps its code, whatever its details hold", async (host) => {
    for (const [value] of refused) {
      await assert.rejects(
        host.invoke("fails", { value }, environment()),
        (error: { readonly code: string; readonly message: string; readonly details: unknown }) => {
          assert.deepEqual([error.code, error.message], ["bad_input", "not this"]);
          assert.match(String(error.details), /^the detail has no JSON form: at/);
          return true;
        },
      );
    }
    await assert.rejects(host.invoke("fails", { value: "bytes" }, environment()), {
      details: { at: BASE64 },
    });
  });

  test("a question that JSON cannot hold is not asked", async (host) => {
    const client = { name: "desk", capabilities: { elicitation: {} } };
    for (const [value, says] of refused) {
      await assert.rejects(
        host.invoke("questions", { value }, environment({ client })),
        failure(
          "bad_output",
          "what is asked of the client",
          "requests.q.params.requestedSchema.properties.at",
          says,
        ),
      );
    }
  });

  test("a log line is written, whatever its fields hold", async (host) => {
    const env = environment();
    for (const [value] of [...refused, ...held]) await host.invoke("logs", { value }, env);
    assert.equal(env.lines.length, refused.length + held.length);
    assert.match(JSON.stringify(env.lines), /Map\(1\).*\[Circular.*1970-01-01.*AQL\//);
  });

  test("a verdict that JSON cannot hold is degraded", async (host) => {
    for (const [value] of refused) {
      await host.invoke("set_health", { value }, environment());
      const { status, errors } = await host.check("health");
      assert.equal(status, "degraded");
      assert.match(errors?.[0] ?? "", /^the verdict has no JSON form: checks\.at/);
    }
  });
}
