/** Known MCP clients visit the mesh as one server. */
import {
  KNOWN_CLIENTS,
  REFUSED_REQUESTS,
  sendRefused,
  visit,
} from "../../runtime/base/known_clients_fixture.ts";
import { scene } from "./gateway_fixture.ts";

const TOOL = { name: "greet", arguments: { name: "Ada" }, says: "good day, Ada" };
const LOCAL = { remote: "127.0.0.1" };

for (const client of KNOWN_CLIENTS) {
  scene(`the registry and ${client.client}`, async ({ mesh, join }) => {
    await join("greeter-1", { greet: ({ args }) => ({ said: `good day, ${args["name"]}` }) });
    await visit((request) => mesh.ask(request, LOCAL), client, TOOL);
  });
}
for (const refused of REFUSED_REQUESTS) {
  scene(`the registry refuses ${refused.client}`, async ({ mesh }) => {
    await sendRefused((request) => mesh.ask(request, LOCAL), refused);
  });
}
