/** An agent for a server at a URL of the environment. */
import { mcpAgent } from "mesh";

export default mcpAgent({ name: "exact", url: Deno.env.get("EXACT_URL") ?? "" });
