#!/usr/bin/env -S deno run --allow-run=deno --allow-env=HOME,PATH
/** An MCP server that is started, as a file that `meshctl start` takes. */
import { mcpAgent } from "mesh";

export default mcpAgent({
  name: "stdio",
  command: "deno",
  args: ["run", "--quiet", "--allow-env", new URL("stdio_server.ts", import.meta.url).pathname],
  env: { GIVEN: "yes" },
});
