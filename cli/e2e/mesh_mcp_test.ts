/** The mesh as one MCP server, with real processes: the registry's `/mcp` and `meshctl mcp`. */
import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CLIENTS, type Server, type TestClient } from "./mcp_client_fixture.ts";
import { fixture, NO_LLM_KEYS, type TestMesh, withMesh } from "./meshctl.ts";
import { CALLS } from "./trip_planner_calls.ts";
import { tripPlannerFile } from "./trip_planner_fixture.ts";

/** The two doors to one mesh. */
const DOORS: Record<string, (mesh: TestMesh) => Server> = {
  "the registry's /mcp": ({ registryUrl }) => ({ url: `${registryUrl}/mcp` }),
  "meshctl mcp": (mesh) => mesh.command("mcp"),
};

async function start(mesh: TestMesh, ...args: string[]): Promise<void> {
  const { code, stderr } = await mesh.run("start", "-d", ...args);
  equal(code, 0, stderr);
}

Deno.test("every client lists and calls all of TripPlanner, through both doors", async (t) => {
  await withMesh(async (mesh) => {
    await start(mesh, "--isolation", "worker", tripPlannerFile());
    for (const [door, server] of Object.entries(DOORS)) {
      for (const [which, connect] of Object.entries(CLIENTS)) {
        await t.step(`${which} through ${door}`, async () => {
          await using client = await connect(server(mesh));
          deepEqual(await client.names(), Object.keys(CALLS));
          for (const [name, { arguments: args, has }] of Object.entries(CALLS)) {
            const { content, isError } = await client.call(name, args);
            match(content[0].text, has, name);
            equal(isError, false, name);
          }
          const { content, isError } = await client.call("flight_search", { origin: 1 });
          equal(isError, true);
          match(content[0].text, /destination/);
        });
      }
    }
  }, { ...NO_LLM_KEYS, MCP_MESH_HTTP_PORT: "0", CHAT_HISTORY_KV: ":memory:" });
});

/** Every client through every door, connected. */
async function connectAll(
  mesh: TestMesh,
  doors: (keyof typeof DOORS)[],
  into: AsyncDisposableStack,
): Promise<[name: string, client: TestClient][]> {
  const clients: [string, TestClient][] = [];
  for (const door of doors) {
    for (const [which, connect] of Object.entries(CLIENTS)) {
      const server = DOORS[door]?.(mesh) ?? { url: "" };
      clients.push([`${which} through ${door}`, into.use(await connect(server))]);
    }
  }
  return clients;
}

Deno.test("streams, giving up and changes pass, for every client through both doors", async (t) => {
  await withMesh(async (mesh) => {
    await start(mesh, fixture("gate"));
    await using stack = new AsyncDisposableStack();
    const clients = await connectAll(mesh, Object.keys(DOORS), stack);
    for (const [name, client] of clients) {
      await t.step(name, async () => {
        deepEqual(await client.names(), ["given_up", "open", "pass", "wait"]);

        // The second word comes only when the first has arrived.
        const words: string[] = [];
        const { content } = await client.call("pass", {}, {
          onprogress: ({ message = "" }) => {
            words.push(message);
            if (words.length === 1) void client.call("open");
          },
        });
        deepEqual(words, ["first ", "second"]);
        equal(content[0].text, "first second");

        const giveUp = new AbortController();
        const waiting = client.call("wait", {}, {
          signal: giveUp.signal,
          onprogress: () => giveUp.abort(),
        });
        await rejects(waiting);
        equal((await client.call("given_up")).content[0].text, "given up");
      });
    }
    for (const [change, expected] of [["start", true], ["stop", false]] as const) {
      const told = clients.map(([, client]) => client.changed());
      if (change === "start") await start(mesh, fixture("clock"));
      else await mesh.run("stop", "clock");
      for (const [index, names] of (await Promise.all(told)).entries()) {
        equal(names.includes("day_time"), expected, `${change}: ${clients[index]?.[0]}`);
      }
    }
  });
});

Deno.test("meshctl mcp survives a restart of the registry", async () => {
  await withMesh(async (mesh) => {
    equal((await mesh.run("start", "--registry-only", "-d")).code, 0);
    await start(mesh, fixture("clock"));
    await using stack = new AsyncDisposableStack();
    const clients = await connectAll(mesh, ["meshctl mcp"], stack);
    for (const [, client] of clients) {
      equal((await client.call("day_time")).content[0].text, "evening");
    }
    equal((await mesh.run("stop", "--registry")).code, 0);
    for (const [, client] of clients) {
      await rejects(client.call("day_time"), /registry at .* does not answer/);
    }
    const changed = clients.map(([, client]) => client.changed());
    equal((await mesh.run("start", "--registry-only", "-d")).code, 0);
    for (const [index, names] of (await Promise.all(changed)).entries()) {
      deepEqual(names, ["day_time"], String(clients[index]?.[0]));
    }
    for (const [, client] of clients) {
      equal((await client.call("day_time")).content[0].text, "evening");
    }
  });
});

Deno.test("two agents with a tool of one name are both offered, and filters choose", async () => {
  await withMesh(async (mesh) => {
    for (const name of ["north", "south"]) {
      await writeFile(
        join(mesh.home, `${name}.ts`),
        `#!/usr/bin/env -S deno run
import { agent, tool } from "mesh";
export default agent({ name: "${name}", tools: { where: tool({ tags: ["${name}"] }, () => "${name}") } });
`,
      );
    }
    await start(mesh, join(mesh.home, "north.ts"), join(mesh.home, "south.ts"));
    for (const connect of Object.values(CLIENTS)) {
      await using all = await connect({ url: `${mesh.registryUrl}/mcp` });
      deepEqual(await all.names(), ["north__where", "south__where"]);
      equal((await all.call("south__where")).content[0].text, "south");
      await using one = await connect(mesh.command("mcp", "--tags", "north"));
      deepEqual(await one.names(), ["north__where"]);
      await using search = await connect(mesh.command("mcp", "--mode", "search"));
      const found = await search.call("search_tools", { query: "where", tags: ["south"] });
      equal(found["structuredContent"].tools[0].name, "south__where");
      const called = await search.call("call_tool", { name: "south__where" });
      equal(called["content"][0].text, "south");
    }
  });
});

Deno.test("meshctl mcp ends with its input, and says nothing but protocol on its output", async () => {
  await withMesh(async (mesh) => {
    await start(mesh, fixture("clock"));
    const { command, args, env } = mesh.command("mcp");
    const child = new Deno.Command(command, {
      args,
      env,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const lines = [
      { id: 1, method: "initialize", params: {} },
      { id: 2, method: "tools/call", params: { name: "day_time", arguments: {} } },
    ].map((message) => JSON.stringify({ jsonrpc: "2.0", ...message }));
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(`${lines.join("\n")}\n`));
    await writer.close();
    const { code, stdout, stderr } = await child.output();
    const decoder = new TextDecoder();
    equal(code, 0);
    equal(decoder.decode(stderr), "");
    const answers = decoder.decode(stdout).trimEnd().split("\n").map((line) => JSON.parse(line));
    deepEqual(answers.map(({ id }) => id).toSorted(), [1, 2]);
    equal((await mesh.run("mcp", "--registry-port", "1")).code, 4);
  });
});
