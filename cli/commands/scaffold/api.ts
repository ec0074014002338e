/**
 * `meshctl scaffold api`: a web server in front of the mesh.
 *
 * @module
 */
import { defineCommand } from "../../command.ts";
import { AGENT_OPTIONS, basePlan, scaffoldAgent } from "./options.ts";

/** Browsers and scripts want to know where it is. */
const USUAL_PORT = 8080;

/** `meshctl scaffold api`. */
export const apiCommand = defineCommand({
  name: "scaffold api",
  summary: "A web server in front of the mesh, and its test",
  usage: "--name NAME",
  positionals: { min: 0, max: 0 },
  options: {
    ...AGENT_OPTIONS,
    port: { ...AGENT_OPTIONS.port, help: `Port (default ${USUAL_PORT}; 0 is any free one)` },
  },
  examples: [{ line: "scaffold api --name gateway", note: "A route that calls hello" }],
  run: async (context, { options }) => {
    const base = basePlan({ ...options, port: options.port ?? USUAL_PORT });
    return await scaffoldAgent(
      {
        ...base,
        kind: "api",
        description: options.description ?? "A web server in front of the mesh",
      },
      options,
      context,
    );
  },
});
