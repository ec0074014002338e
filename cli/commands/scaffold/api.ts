/**
 * `meshctl scaffold api`: a web server in front of the mesh.
 *
 * @module
 */
import { agentCommand } from "./agent_command.ts";
import { AGENT_OPTIONS, basePlan } from "./options.ts";

/** Browsers and scripts want to know where it is. */
const USUAL_PORT = 8080;

/** `meshctl scaffold api`. */
export const apiCommand = agentCommand({
  kind: "api",
  summary: "A web server in front of the mesh, and its test",
  usage: "--name NAME",
  options: {
    port: { ...AGENT_OPTIONS.port, help: `Port (default ${USUAL_PORT}; 0 is any free one)` },
  },
  examples: [{ line: "scaffold api --name gateway", note: "A route that calls hello" }],
  plan: (options) => ({
    ...basePlan({ ...options, port: options.port ?? USUAL_PORT }),
    kind: "api",
    description: options.description ?? "A web server in front of the mesh",
  }),
});
