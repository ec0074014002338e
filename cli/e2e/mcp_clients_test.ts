/** The official clients, of both versions of the SDK and both eras, against every tool of TripPlanner. */
import { deepEqual, equal } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import {
  Client as ClientV2,
  StreamableHTTPClientTransport as TransportV2,
} from "@modelcontextprotocol/client";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as TransportV1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { NO_LLM_KEYS, withMesh } from "./meshctl.ts";

const TRIP_PLANNER = fileURLToPath(new URL("../../agents/trip-planner/", import.meta.url));

/** What each tool is called with, and what its answer must have. */
const TOOLS: Record<string, { arguments: Record<string, unknown>; has: RegExp }> = {
  flight_search: {
    arguments: { origin: "SFO", destination: "NRT", date: "2026-06-01" },
    has: /"MH007".*"SQ017"/,
  },
  get_user_prefs: { arguments: { user_id: "demo-user" }, has: /"budget_usd":1000/ },
  get_weather: { arguments: { location: "Kyoto", date: "2026-06-01" }, has: /partly_cloudy/ },
  hotel_search: {
    arguments: { destination: "Kyoto", checkin: "2026-06-01", checkout: "2026-06-05" },
    has: /Grand Hyatt/,
  },
  search_pois: { arguments: { location: "Tokyo" }, has: /Senso-ji Temple/ },
  ...answersOf("claude_provider", /ANTHROPIC_API_KEY is not set/),
  ...answersOf("gemini_provider", /GEMINI_API_KEY or GOOGLE_API_KEY is not set/),
  ...answersOf("offline_provider", /No language model wrote this/, /model\.\W+_mesh_frame\W+end\W/),
  ...answersOf("openai_provider", /OPENAI_API_KEY is not set/),
};

/** Both tools of a provider. */
function answersOf(provider: string, has: RegExp, streamed = has): typeof TOOLS {
  const args = { request: { messages: [{ role: "user", content: "Hello" }] } };
  return {
    [provider]: { arguments: args, has },
    [`${provider}_stream`]: { arguments: args, has: streamed },
  };
}

/** A client, as far as both versions are alike. */
interface AnyClient {
  listTools(): Promise<{ tools: { name: string }[] }>;
  callTool(call: { name: string; arguments: Record<string, unknown> }): Promise<unknown>;
  close(): Promise<void>;
}

const info = { name: "test", version: "1.0.0" };
const clients: Record<string, (url: URL) => Promise<AnyClient>> = {
  "SDK v1": async (url) => {
    const client = new ClientV1(info);
    await client.connect(new TransportV1(url));
    return client as AnyClient;
  },
  "SDK v2, 2025-11-25": async (url) => {
    const client = new ClientV2(info);
    await client.connect(new TransportV2(url));
    return client;
  },
  "SDK v2, 2026-07-28": async (url) => {
    const client = new ClientV2(info, { versionNegotiation: { mode: { pin: "2026-07-28" } } });
    await client.connect(new TransportV2(url));
    return client;
  },
};

Deno.test("every tool of TripPlanner is listed and called by the official clients", async (t) => {
  await withMesh(async (mesh) => {
    const started = await mesh.run("start", "-d", "--pack", TRIP_PLANNER);
    equal(started.code, 0, started.stderr);
    const { agents } = JSON.parse((await mesh.run("list", "--json")).stdout);
    const endpoints: string[] = agents.map(({ endpoint }: { endpoint: string }) => endpoint);
    for (const [name, connect] of Object.entries(clients)) {
      await t.step(name, async () => {
        const called: string[] = [];
        for (const endpoint of endpoints) {
          const client = await connect(new URL(`${endpoint}/mcp`));
          for (const tool of (await client.listTools()).tools) {
            const { arguments: args, has } = TOOLS[tool.name] ?? { arguments: {}, has: /^$/ };
            const result = await client.callTool({ name: tool.name, arguments: args });
            equal(has.test(JSON.stringify(result)), true, JSON.stringify(result));
            called.push(tool.name);
          }
          await client.close();
        }
        deepEqual(called.toSorted(), Object.keys(TOOLS).toSorted());
      });
    }
  }, { ...NO_LLM_KEYS, MCP_MESH_HTTP_PORT: "0" });
});
