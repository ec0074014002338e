/**
 * `GET /why?agent=…&dependency=…[&function=…]`: why a dependency is resolved or not.
 *
 * @module
 */
import type { Hono } from "hono";
import { matchDependency } from "../../runtime/protocol/resolve/dependency.ts";
import { Effort, EffortExceeded } from "../../runtime/protocol/resolve/effort.ts";
import { referredAgent, referredDependencies } from "../view/agent_reference.ts";
import type { Members } from "../directory/members.ts";
import { problem } from "../http/problem.ts";
import { explanation } from "../view/why.ts";
import { resource } from "./resource.ts";

/** Adds the route. */
export function whyRoutes(app: Hono, members: Members): void {
  resource(app, "/why", {
    GET: async (context) => {
      const { agent, dependency, function: functionName, namespace } = context.req.query();
      if (!agent) return problem(400, "agent is required: its id, its name or how one begins");
      if (!dependency) return problem(400, "dependency is required: the capability it asks for");
      await members.observe();
      const { snapshot } = members;
      const entries = namespace
        ? snapshot.entries().filter((entry) => entry.namespace === namespace)
        : snapshot.entries();
      const consumer = referredAgent(entries, agent);
      if ("fault" in consumer) return problem(404, consumer.fault);
      const meant = referredDependencies(consumer.found, dependency, functionName || undefined);
      if ("fault" in meant) return problem(404, meant.fault);
      const effort = new Effort();
      try {
        // Of several dependencies on one capability, the one in trouble is what is asked about.
        const declared = meant.found.find(({ dependency }) =>
          matchDependency(snapshot.pass(), consumer.found, dependency, effort).chosen === undefined
        ) ?? meant.found[0];
        if (declared === undefined) {
          return problem(404, `${agent} does not depend on ${dependency}`);
        }
        return Response.json(explanation(snapshot, consumer.found, declared, effort));
      } catch (error) {
        if (error instanceof EffortExceeded) return problem(422, error.message);
        throw error;
      }
    },
  });
}
