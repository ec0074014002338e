/** `start --mcp` with the published servers, by `npx` and without Node. */
import { deepEqual, equal, match } from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { call, clientOf, LAUNCHERS, readUntil, withCommand } from "./mcp_server_fixture.ts";
import { freePort, withMesh } from "./meshctl.ts";

for (const [launcher, commandOf] of Object.entries(LAUNCHERS)) {
  Deno.test(`server-memory by ${launcher} remembers over calls and restarts, and stop leaves nothing`, async () => {
    await withMesh(async (mesh) => {
      const file = join(mesh.home, "memory.jsonl");
      const options = [
        ...withCommand("memory", commandOf("memory")),
        ...["--mcp-tags", "memory=notes", "--mcp-env", `memory=MEMORY_FILE_PATH=${file}`],
      ];
      const started = await mesh.run("start", "-d", ...options);
      equal(started.code, 0, started.stderr);
      match(started.stdout, /^memory .* create_entities, .*read_graph/m);
      match((await mesh.run("list", "--tools")).stdout, /^read_graph +memory-\S+ .* notes$/m);

      const entity = { name: "Ada", entityType: "person", observations: ["wrote programs"] };
      const created = await call(mesh, "create_entities", { entities: [entity] });
      deepEqual(created.structuredContent, { entities: [entity] });
      deepEqual((await call(mesh, "read_graph")).structuredContent, {
        entities: [entity],
        relations: [],
      });
      match(await readFile(file, "utf8"), /wrote programs/);

      equal((await mesh.run("stop", "memory", "--keep-registry")).code, 0);
      equal((await mesh.processes()).length, 1);
      equal((await mesh.run("start", "-d", ...options)).code, 0);
      const found = await call(mesh, "search_nodes", { query: "programs" });
      deepEqual(found.structuredContent?.["entities"], [entity]);
      equal((await mesh.run("stop")).code, 0);
      deepEqual(await mesh.processes(), []);
    });
  });

  Deno.test(`server-everything by ${launcher}: all it answers comes through`, async () => {
    await withMesh(async (mesh) => {
      const started = await mesh.run(
        ...["start", "-d", ...withCommand("everything", commandOf("everything"))],
      );
      equal(started.code, 0, started.stderr);
      await using client = await clientOf(mesh, "everything");
      await seeEverything(client, (tool, args) => call(mesh, tool, args));
      equal((await mesh.run("stop")).code, 0);
      deepEqual(await mesh.processes(), []);
    });
  });
}

Deno.test("server-everything over HTTP with sessions: the same, and again after it was away", async () => {
  await withMesh(async (mesh) => {
    const port = freePort();
    const serve = () => httpServer(LAUNCHERS["deno"]!("everything"), port);
    let server = await serve();
    try {
      const url = `http://127.0.0.1:${port}/mcp`;
      const running = mesh.spawn("start", "--mcp", `everything=${url}`);
      await running.line("Ctrl+C stops everything");
      await using client = await clientOf(mesh, "everything");
      await seeEverything(client, (tool, args) => call(mesh, tool, args));

      await server[Symbol.asyncDispose]();
      match(
        await running.line("health is unhealthy"),
        /cannot reach http:\/\/127\.0\.0\.1:\d+\/mcp/,
      );
      server = await serve();
      await running.line("health is healthy");
      equal((await call(mesh, "echo", { message: "back" })).content[0]?.["text"], "Echo: back");
      running.signal("SIGINT");
      equal((await running.ended).code, 0);
    } finally {
      await server[Symbol.asyncDispose]();
    }
  }, { MCP_MESH_HEALTH_CHECK_TTL: "0.5" });
});

type Call = (tool: string, args: unknown) => ReturnType<typeof call>;

async function seeEverything(
  client: Awaited<ReturnType<typeof clientOf>>,
  callTool: Call,
): Promise<void> {
  const text = async (tool: string, args: unknown) =>
    (await callTool(tool, args)).content[0]?.["text"];
  equal(await text("echo", { message: "hello" }), "Echo: hello");
  equal(await text("get-sum", { a: 19, b: 23 }), "The sum of 19 and 23 is 42.");

  const { content: image } = await callTool("get-tiny-image", {});
  deepEqual(image.map(({ type }) => type), ["text", "image", "text"]);
  equal(image[1]?.["mimeType"], "image/png");
  match(String(image[1]?.["data"]), /^iVBORw0KGgo/);

  const { content: links } = await callTool("get-resource-links", { count: 2 });
  deepEqual(links.map(({ type }) => type), ["text", "resource_link", "resource_link"]);
  const { contents } = await client.readResource({ uri: String(links[2]?.["uri"]) });
  match(JSON.stringify(contents), /This is a plaintext resource/);

  const weather = await callTool("get-structured-content", { location: "New York" });
  deepEqual(Object.keys(weather.structuredContent ?? {}).toSorted(), [
    "conditions",
    "humidity",
    "temperature",
  ]);

  const { tools } = await client.listTools();
  const structured = tools.find(({ name }) => name === "get-structured-content");
  deepEqual(structured?.outputSchema?.["required"], ["temperature", "conditions", "humidity"]);
  const { prompts } = await client.listPrompts();
  equal(prompts.some(({ name }) => name === "simple-prompt"), true);
  const { messages } = await client.getPrompt({ name: "args-prompt", arguments: { city: "Oslo" } });
  match(JSON.stringify(messages), /Oslo/);

  const reports: (number | undefined)[][] = [];
  const { content } = await client.callTool({
    name: "trigger-long-running-operation",
    arguments: { duration: 1, steps: 4 },
  }, { onprogress: ({ progress, total }) => reports.push([progress, total]) });
  deepEqual(reports, [[1, 4], [2, 4], [3, 4], [4, 4]]);
  match(JSON.stringify(content), /Long running operation completed/);
}

/** Starts server-everything for HTTP, and resolves when it listens. */
async function httpServer(command: string, port: number): Promise<AsyncDisposable> {
  const [program = "", ...args] = command.split(" ");
  const child = new Deno.Command(program, {
    args: [...args, "streamableHttp"],
    env: { PORT: String(port) },
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const reading = await readUntil(child.stderr, "listening on port");
  return {
    async [Symbol.asyncDispose]() {
      try {
        child.kill("SIGKILL");
      } catch {
        // It has been stopped already.
      }
      await Promise.all([child.status, reading.ended]);
    },
  };
}
