/**
 * A consumer in a mesh in which the MCP server at a URL is an agent: it lists and calls what that has,
 * as an agent, or as an MCP client with a person before it where the scenario asks.
 *
 *     conformance_consumer.ts <url>, with MCP_CONFORMANCE_SCENARIO and MCP_CONFORMANCE_CONTEXT set
 *
 * @module
 */
import {
  Client,
  discoverOAuthProtectedResourceMetadata,
  StreamableHTTPClientTransport,
} from "@modelcontextprotocol/client";
import {
  agent,
  type ClientCredentials,
  type DependencyClient,
  isMeshError,
  mcpAgent,
  tool,
} from "mesh";
import { testMesh } from "mesh/testing";
import { z } from "zod";

/** What the suite tells a client about a scenario, as far as agents take part. */
const ContextSchema = z.object({
  toolCalls: z.array(z.object({ name: z.string(), arguments: z.record(z.string(), z.unknown()) })),
  client_id: z.string(),
  client_secret: z.string(),
  private_key_pem: z.string(),
  signing_algorithm: z.string(),
}).partial();
type Context = z.output<typeof ContextSchema>;

/** Calls a tool; what it answers is the suite's business. */
type CallTool = (name: string, args: Record<string, unknown>) => Promise<unknown>;

/** Scenarios whose server asks back. */
const ASKING = new Set(["elicitation-sep1034-client-defaults", "sep-2322-client-request-state"]);

const url = Deno.args[0] ?? "";
const context = ContextSchema.parse(JSON.parse(Deno.env.get("MCP_CONFORMANCE_CONTEXT") ?? "{}"));
const credentials = await credentialsOf(context);
await using mesh = testMesh();
const { node } = await mesh.join(
  mcpAgent({ name: "foreign", url, ...(credentials === undefined ? {} : { credentials }) }),
  { log: (line) => console.error(line) },
);
if (node.health.status !== "healthy") throw new Error(node.health.errors?.join());
const { tools } = node.manifest;
await (ASKING.has(Deno.env.get("MCP_CONFORMANCE_SCENARIO") ?? "") ? asPerson() : asAgent());

async function credentialsOf(
  { client_id: clientId, ...given }: Context,
): Promise<ClientCredentials | undefined> {
  if (clientId === undefined) return undefined;
  // Whoever writes an agent knows this; the suite leaves it to be found out.
  const { authorization_servers: [issuer = ""] = [] } =
    await discoverOAuthProtectedResourceMetadata(url);
  const { client_secret, private_key_pem, signing_algorithm } = given;
  return private_key_pem === undefined
    ? { clientId, issuer, clientSecret: client_secret ?? "" }
    : { clientId, issuer, privateKey: private_key_pem, algorithm: signing_algorithm ?? "" };
}

async function callAll(call: CallTool): Promise<void> {
  const calls = context.toolCalls ??
    tools.map(({ name, inputSchema }) => ({ name, arguments: argumentsFor(inputSchema) }));
  for (const { name, arguments: args } of calls) await call(name, args);
}

/** What a schema requires; a schema, which one scenario wants back, where it wants an object. */
function argumentsFor(schema: Record<string, unknown>): Record<string, unknown> {
  const { properties = {}, required = [] } = schema as {
    properties?: Record<string, { type?: string }>;
    required?: string[];
  };
  const of: Record<string, unknown> = { string: "x", number: 1, object: tools[0]?.inputSchema };
  return Object.fromEntries(required.map((name) => [name, of[properties[name]?.type ?? "string"]]));
}

async function asPerson(): Promise<void> {
  const client = new Client({ name: "person", version: "1.0.0" }, {
    capabilities: { elicitation: { form: { applyDefaults: true } } },
    versionNegotiation: { mode: { pin: "2026-07-28" } },
  });
  client.setRequestHandler("elicitation/create", () => ({ action: "accept", content: {} }));
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`${node.endpoint}/mcp`), {
      fetch: (input, init) => node.fetch(new Request(input, init)),
    }),
  );
  await callAll((name, args) => client.callTool({ name, arguments: args }));
  await client.close();
}

async function asAgent(): Promise<void> {
  const capability = tools[0]?.capability;
  if (capability === undefined) return;
  const use = async (foreign: DependencyClient) => {
    await callAll(async (name, args) => {
      try {
        await foreign.callTool(name, args);
      } catch (error) {
        // One scenario's server lists a tool that nobody is to call.
        if (!isMeshError(error, "not_found")) throw error;
      }
    });
    for (const { name } of await foreign.listPrompts()) await foreign.getPrompt(name);
    for (const { uri } of await foreign.listResources()) await foreign.readResource(uri ?? "");
  };
  const { call } = await mesh.join(agent({
    name: "consumer",
    tools: {
      use: tool({
        input: z.object({}),
        dependencies: { foreign: { capability, required: true } },
      }, (_, { foreign }) => use(foreign)),
    },
  }));
  await call("use");
}
