import { equal, ok } from "node:assert/strict";
import { cellWidth } from "../output/cells.ts";
import { fixture, withMesh } from "./meshctl.ts";
import { hasTerminals, screenOf } from "./terminal_fixture.ts";

const COMMANDS = [
  "list",
  "list --verbose",
  "list --tools",
  "status",
  "top --once --interval 0.2",
  "trace ls",
  "logs --list",
  "events",
];

Deno.test({
  name: "no line of a listing is wider than the terminal, from 40 columns up",
  ignore: !hasTerminals(),
  fn: async () => {
    await withMesh(async (mesh) => {
      const agents = ["greeter", "clock", "planner"].map(fixture);
      equal((await mesh.run("start", "-d", ...agents)).code, 0);
      equal((await mesh.run("call", "greet", "name=Ada")).code, 0);
      equal((await mesh.run("trace", "--last", "--json", "--retries", "10")).code, 0);
      for (const columns of [40, 61, 80]) {
        for (const command of COMMANDS) {
          const lines = await screenOf(mesh, columns, ...command.split(" "));
          ok(lines.some((line) => line.includes("gree")), `${command}: ${lines.join("\n")}`);
          for (const line of lines) {
            ok(cellWidth(line) <= columns, `${command} in ${columns} columns: ${line}`);
          }
        }
      }
      const list = (await screenOf(mesh, 40, "list")).join(" ");
      ok(list.includes("No room for RUNTIME, TYPE,"), list);
    });
  },
});
