/** An MCP server as an agent, against servers of both eras in this process. */
import assert from "node:assert/strict";
import { type ClientOptions, LOG_LEVEL_META_KEY } from "@modelcontextprotocol/client";
import {
  type Bridged,
  bridged,
  CLIENT_ERAS,
  MODERN,
  rawResult,
  SECRET,
} from "./bridged_fixture.ts";
import type { Foreign } from "./foreign_http_fixture.ts";
import { ANSWER, FOREIGN_KINDS, foreignServer, VERBATIM } from "./foreign_server_fixture.ts";
import type { McpAgentDefinition } from "./mcp_agent.ts";
import { registration } from "../wiring/registration.ts";

for (const kind of FOREIGN_KINDS) {
  const test = (
    name: string,
    run: (foreign: Foreign, self: Bridged) => Promise<void>,
    definition: Partial<McpAgentDefinition> = {},
  ) =>
    Deno.test(`mcpAgent of a server of ${kind}: ${name}`, async () => {
      await using foreign = foreignServer(kind);
      await using self = await bridged({ url: foreign.url, ...definition } as McpAgentDefinition);
      await run(foreign, self);
    });

  test("its tools become capabilities, under the given tags and version", async (_, { member }) => {
    const { manifest } = member.node;
    const address = { agentId: "a", name: "a", namespace: "default", host: "h", port: 1 };
    const { tools } = registration(manifest, { ...address, runtime: "deno" });
    assert.deepEqual(tools?.map(({ function_name }) => function_name), [
      "verbatim",
      "slow",
      "fails",
      "refuses",
      "asks",
      "logs",
    ]);
    const { inputSchema, outputSchema, ...first } = tools![0]!;
    assert.deepEqual([inputSchema, outputSchema], [VERBATIM.inputSchema, VERBATIM.outputSchema]);
    assert.deepEqual(
      [first.capability, first.tags, first.version, first.description, first.kwargs],
      ["verbatim", ["demo"], "3.1.4", VERBATIM.description, { idempotent: true }],
    );
    await Promise.resolve();
  }, { tags: ["demo"] });

  test("tools are listed as the server lists them", async (_, self) => {
    for (const options of CLIENT_ERAS) {
      await using client = await self.client(options);
      const { result } = await rawResult(client, "tools/list", {});
      const [first] = result["tools"] as Record<string, unknown>[];
      assert.deepEqual(first, {
        ...VERBATIM,
        _meta: {
          ...VERBATIM._meta,
          "mesh/capability": "verbatim",
          "mesh/version": "9.0.0",
          "mesh/tags": [],
        },
      });
      assert.equal(client.getInstructions(), "Speak slowly.");
    }
  }, { version: "9.0.0" });

  test("arguments and results pass as they are", async (foreign, self) => {
    const args = { text: "x", more: [1, { "": null }], "_kept": 1 };
    assert.deepEqual(await self.raw("verbatim", args), ANSWER);
    assert.deepEqual(foreign.state.calls, [args]);
    for (const options of CLIENT_ERAS) {
      await using client = await self.client(options);
      const { result } = await rawResult(client, "tools/call", {
        name: "verbatim",
        arguments: args,
      });
      const { _meta: meta, resultType: _, ...rest } = result;
      const { _meta: expectedMeta, ...expected } = ANSWER;
      assert.deepEqual(rest, expected);
      assert.equal(
        (meta as Record<string, unknown>)["example.com/kept"],
        expectedMeta["example.com/kept"],
      );
    }
  });

  test("a tool's error and a refusal are told apart from the mesh's own", async (_, self) => {
    assert.deepEqual(await self.raw("fails"), {
      content: [{ type: "text", text: "out of ink" }],
      isError: true,
    });
    await assert.rejects(self.member.call("fails"), { code: "tool_failed", message: "out of ink" });
    await assert.rejects(self.member.call("refuses"), {
      code: "bad_input",
      message: "not on Sundays",
    });
  });

  test(
    "no header or argument of the mesh reaches it, the given headers do",
    async (foreign, self) => {
      await self.raw("verbatim", {
        text: "x",
        _trace_id: "1",
        _parent_span: "2",
        _mesh_headers: { authorization: "Bearer of-somebody" },
      });
      assert.deepEqual(foreign.state.calls, [{ text: "x" }]);
      const known =
        /^(accept|accept-encoding|accept-language|authorization|connection|content-(length|type)|host|last-event-id|mcp-.*|sec-fetch-mode|transfer-encoding|user-agent)$/;
      for (const { headers } of foreign.state.arrived) {
        assert.equal(headers.get("authorization"), SECRET);
        assert.deepEqual([...headers.keys()].filter((name) => !known.test(name)), []);
      }
      assert.equal(self.lines.some((line) => line.includes(SECRET)), false);
    },
    { headers: { Authorization: SECRET } },
  );

  test("progress comes through, each number above the last", async (foreign, self) => {
    await using client = await self.client(MODERN);
    const abort = new AbortController();
    const reports: unknown[] = [];
    const three = Promise.withResolvers<void>();
    const calling = client.callTool({ name: "slow" }, {
      signal: abort.signal,
      onprogress: (report) => {
        if (reports.push(report) === 3) three.resolve();
      },
    });
    await three.promise;
    abort.abort(new Error("enough"));
    await assert.rejects(calling);
    await foreign.state.until(() => foreign.state.aborted.length > 0);
    assert.deepEqual(
      reports.map((report) => ({ ...report as object, _meta: undefined })),
      [[1, 1], [1.000001, 0], [2, 2]].map(([progress, step]) => ({
        progress,
        total: 3,
        message: `step ${step}`,
        _meta: undefined,
      })),
    );
  });

  if (kind !== "2026-07-28") {
    test("what it logs is in the agent's log", async (foreign, self) => {
      const logged = self.line('WARN  {"slow":true}');
      const abort = new AbortController();
      const calling = self.raw("slow", {}, abort.signal);
      assert.match(await logged, / WARN {2}\{"slow":true\} .*slow/);
      abort.abort();
      await calling;
      await foreign.state.until(() => foreign.state.aborted.length > 0);
    });
  }

  const logged: [client: string, options: ClientOptions][] = [
    ["of 2026-07-28", MODERN],
    ["of 2026-07-28 that can be asked", { ...MODERN, capabilities: { elicitation: { form: {} } } }],
    ["of 2025-11-25, in a session,", {}],
  ];
  for (const [client, options] of logged) {
    test(
      `a client ${client} gets the log lines of its calls, and of no others`,
      async (_, self) => {
        const logging = async (of: string) => {
          await using client = await self.client(options);
          const lines: unknown[] = [];
          client.setNotificationHandler("notifications/message", ({ params: { level, data } }) => {
            lines.push([level, data]);
          });
          await rawResult(client, "tools/call", {
            name: "logs",
            arguments: { of, together: 3 },
            ...(options.versionNegotiation && { _meta: { [LOG_LEVEL_META_KEY]: "debug" } }),
          });
          return lines;
        };
        assert.deepEqual(
          await Promise.all(["a", "b", "c"].map(logging)),
          ["a", "b", "c"].map((of) => [["info", `about ${of}`], ["error", `{"about":"${of}"}`]]),
        );
        assert.ok(self.lines.some((line) => /ERROR \{"about":"b"\}/.test(line)));
      },
      { sessions: true },
    );
  }

  test("a caller who gives up ends the work there", async (foreign, self) => {
    const abort = new AbortController();
    const calling = self.raw("slow", {}, abort.signal);
    await foreign.state.until(() => foreign.state.begun.includes("slow"));
    abort.abort(new Error("enough"));
    await calling;
    await foreign.state.until(() => foreign.state.aborted.includes("slow"));
  });

  test("a deadline ends the work there", async (foreign, self) => {
    await assert.rejects(self.member.call("slow", {}, { timeoutMs: 1_000 }), { code: "timeout" });
    await foreign.state.until(() => foreign.state.aborted.includes("slow"));
  });

  test("tools come and go with the server's", async (foreign, self) => {
    const names = () => self.member.node.manifest.tools.map(({ name }) => name);
    const next = () =>
      new Promise<void>((resolve) => {
        const stop = self.member.node.onChange(() => {
          stop();
          resolve();
        });
      });
    const { tools } = foreign.state;
    await foreign.state.until(() => isListening(foreign));
    tools.splice(1, tools.length, { name: "new tool/1", inputSchema: { type: "object" } });
    const changed = next();
    await foreign.toolsChanged();
    await changed;
    while (names().length !== 2) await next();
    assert.deepEqual(names(), ["verbatim", "new_tool_1"]);
    assert.deepEqual(await self.raw("new_tool_1"), ANSWER);
    assert.deepEqual(foreign.state.begun, ["new tool/1"]);
  });

  test("prompts, resources and suggestions come along", async (_, self) => {
    await using client = await self.client();
    const { prompts } = await client.listPrompts();
    assert.deepEqual(prompts, [{
      name: "greet",
      title: "Greeting",
      arguments: [
        { name: "who", description: "Whom", required: true },
        { name: "how", required: false },
      ],
    }]);
    const { messages } = await client.getPrompt({ name: "greet", arguments: { who: "Ada" } });
    assert.deepEqual(messages[0]?.content, { type: "text", text: 'Greet {"who":"Ada"}' });
    const { resources } = await client.listResources();
    assert.deepEqual(resources, [
      { uri: "note://1", name: "First_note_", title: "First note!", mimeType: "text/x-note" },
    ]);
    const { resourceTemplates } = await client.listResourceTemplates();
    assert.deepEqual(resourceTemplates, [{
      uriTemplate: "note://{id}",
      name: "note",
      title: "note",
    }]);
    for (const uri of ["note://1", "note://2"]) {
      const { contents } = await client.readResource({ uri });
      assert.deepEqual(contents, [{ uri, mimeType: "text/x-note", text: `what is in ${uri}` }]);
    }
    const of = async (
      ref: { type: "ref/prompt"; name: string } | { type: "ref/resource"; uri: string },
      name: string,
    ) => (await client.complete({ ref, argument: { name, value: "A" } })).completion.values;
    assert.deepEqual(await of({ type: "ref/prompt", name: "greet" }, "who"), ["ref/prompt who=A!"]);
    assert.deepEqual(await of({ type: "ref/resource", uri: "note://{id}" }, "id"), [
      "ref/resource id=A!",
    ]);
  });

  test("a changed resource is told", async (foreign, self) => {
    await foreign.state.until(() => isFollowing(foreign));
    const told = Promise.withResolvers<string>();
    await using client = await self.client(MODERN);
    client.setNotificationHandler("notifications/resources/updated", ({ params }) => {
      told.resolve(params.uri);
    });
    const subscription = await client.listen({ resourceSubscriptions: ["note://1"] });
    await foreign.noteChanged();
    assert.equal(await told.promise, "note://1");
    await subscription.close();
  });

  test(
    "the agent is as healthy as the connection, and calls fail typed in between",
    async (foreign, self) => {
      const { node } = self.member;
      assert.deepEqual(node.health, { status: "healthy", checks: { connection: true } });
      const interrupted = assert.rejects(self.member.call("slow"), { code: "interrupted" });
      await foreign.state.until(() => foreign.state.begun.includes("slow"));
      const away = self.line("health is unhealthy");
      await foreign.stop();
      await interrupted;
      assert.match(await away, new RegExp(`health is unhealthy: cannot reach ${foreign.url}`));
      await assert.rejects(self.member.call("verbatim"), {
        code: "unreachable",
        message: new RegExp(`cannot reach ${foreign.url}`),
      });
      const back = self.line("health is healthy");
      foreign.start();
      await back;
      assert.deepEqual(await self.raw("verbatim"), ANSWER);
    },
  );

  test("what it asks for is not offered where the caller cannot be asked", async (_, self) => {
    await assert.rejects(self.member.call("asks"), (error: { message: string }) => {
      assert.match(error.message, /elicitation/);
      return true;
    });
  });
}

Deno.test("mcpAgent of a server of 2026-07-28: arguments that it wants as headers are headers too", async () => {
  await using foreign = foreignServer("2026-07-28");
  foreign.state.tools.push({
    name: "regional",
    inputSchema: {
      type: "object",
      properties: { region: { type: "string", "x-mcp-header": "Region" } },
    },
  });
  await using self = await bridged({ url: foreign.url });
  assert.deepEqual(await self.raw("regional", { region: "eu" }), ANSWER);
  const { headers } = foreign.state.arrived.at(-1)!;
  assert.equal(headers.get("mcp-param-region"), "eu");
});

Deno.test("mcpAgent leaves out a tool whose arguments cannot be headers, where they would have to be", async () => {
  const schema = (name: string) => ({
    type: "object",
    properties: { a: { type: "string", "x-mcp-header": name } },
  });
  for (const kind of FOREIGN_KINDS) {
    await using foreign = foreignServer(kind);
    foreign.state.tools.splice(0, Infinity, { name: "bad", inputSchema: schema("not a token") }, {
      name: "good",
      inputSchema: schema("Token"),
    });
    await using self = await bridged({ url: foreign.url });
    const isModern = kind === "2026-07-28";
    assert.deepEqual(
      self.member.node.manifest.tools.map(({ name }) => name),
      isModern ? ["good"] : ["bad", "good"],
    );
    const warnings = self.lines.filter((line) => line.includes("WARN  bad of the server is left"));
    assert.equal(warnings.length, isModern ? 1 : 0);
  }
});

Deno.test("mcpAgent leaves out a tool that wants to be called as a task, and says so", async () => {
  await using foreign = foreignServer("2025-11-25 with sessions");
  const tools = ["required", "optional", "forbidden"].map((taskSupport) => ({
    name: taskSupport,
    inputSchema: { type: "object" },
    execution: { taskSupport },
  }));
  foreign.state.tools.splice(0, Infinity, ...tools);
  await using self = await bridged({ url: foreign.url });
  const { manifest } = self.member.node;
  assert.deepEqual(manifest.tools.map(({ name }) => name), ["optional", "forbidden"]);
  assert.ok(
    self.lines.some((line) => / WARN {2}required of the server is left out: .*task/.test(line)),
  );
});

Deno.test("mcpAgent of a server with sessions: one that has forgotten the session gets the call again", async () => {
  await using foreign = foreignServer("2025-11-25 with sessions", { closes: true });
  await using self = await bridged({ url: foreign.url });
  assert.deepEqual(await self.raw("verbatim"), ANSWER);
  const sessions = () =>
    new Set(foreign.state.arrived.map(({ headers }) => headers.get("mcp-session-id")));
  const before = sessions().size;
  await foreign.stop();
  foreign.start();
  assert.deepEqual(await self.raw("verbatim", { text: "again" }), ANSWER);
  assert.equal(sessions().size, before + 1);
  assert.deepEqual(foreign.state.begun, ["verbatim", "verbatim"]);
});

Deno.test("mcpAgent whose server is away at first comes when it does", async () => {
  const foreign = foreignServer("2026-07-28");
  await foreign.stop();
  await using self = await bridged({ url: foreign.url });
  assert.equal(self.member.node.health.status, "unhealthy");
  assert.deepEqual(self.member.node.manifest.tools, []);
  const back = self.line("health is healthy");
  foreign.start();
  await back;
  assert.equal(self.member.node.manifest.tools.length, 6);
  assert.deepEqual(await self.raw("verbatim"), ANSWER);
  await foreign[Symbol.asyncDispose]();
});

/** Whether the server was asked to tell of changes. */
function isListening({ state }: Foreign): boolean {
  return state.arrived.some(({ message, headers }) =>
    message.method === "subscriptions/listen" ||
    (message.method === undefined && headers.get("accept") === "text/event-stream")
  );
}

/** Whether the server was asked to tell of changes of the note. */
function isFollowing({ state }: Foreign): boolean {
  return isListening({ state } as Foreign) &&
    state.arrived.some(({ message }) => JSON.stringify(message.params ?? {}).includes("note://1"));
}
