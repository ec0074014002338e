/**
 * `GET /why?agent=…&dependency=…[&function=…]`: why a dependency is resolved or not.
 *
 * @module
 */
import { matchDependency } from "../../runtime/protocol/resolve/dependency.ts";
import { Effort, EffortExceeded } from "../../runtime/protocol/resolve/effort.ts";
import { referredAgent, referredDependencies } from "../view/agent_reference.ts";
import { NAMESPACE, requiredText, text } from "../base/parameter.ts";
import { refused } from "../describe/operation.ts";
import type { Members } from "../directory/members.ts";
import { problem } from "../http/problem.ts";
import { explanation } from "../view/why.ts";
import { type Route, route } from "./route.ts";

/** Returns the route. */
export function whyRoutes(members: Members): readonly Route[] {
  return [
    route({
      method: "GET",
      path: "/why",
      about: "Why a dependency is resolved or not, and what would resolve it",
      query: {
        agent: requiredText(
          "Id, name or how one begins",
          "agent is required: its id, its name or how one begins",
        ),
        dependency: requiredText(
          "The capability asked for",
          "dependency is required: the capability it asks for",
        ),
        function: text("Only dependencies of this function"),
        namespace: NAMESPACE,
      },
      answers: {
        200: { about: "The explanation", body: "Explanation" },
        400: refused("Something is missing"),
        404: refused("There is no such agent or dependency, or more than one"),
        422: refused("There is too much to compare: the agent depends on too much at once"),
      },
      handler: async ({ query, json }) => {
        const { agent, dependency, function: functionName, namespace } = query;
        await members.observe();
        const { snapshot } = members;
        const entries = namespace
          ? snapshot.entries().filter((entry) => entry.namespace === namespace)
          : snapshot.entries();
        const consumer = referredAgent(entries, agent);
        if ("fault" in consumer) return problem(404, consumer.fault);
        const meant = referredDependencies(consumer.found, dependency, functionName);
        if ("fault" in meant) return problem(404, meant.fault);
        const effort = new Effort();
        try {
          // Of several dependencies on one capability, the one in trouble is what is asked about.
          const declared = meant.found.find(({ dependency }) =>
            matchDependency(snapshot.pass(), consumer.found, dependency, effort).chosen ===
              undefined
          ) ?? meant.found[0];
          if (declared === undefined) {
            return problem(404, `${agent} does not depend on ${dependency}`);
          }
          return json(200, explanation(snapshot, consumer.found, declared, effort));
        } catch (error) {
          if (error instanceof EffortExceeded) return problem(422, error.message);
          throw error;
        }
      },
    }),
  ];
}
