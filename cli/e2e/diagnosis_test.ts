import { deepEqual, equal, match } from "node:assert/strict";
import { fixture, withMesh } from "./meshctl.ts";

Deno.test("why, audit and events follow a dependency that loses its provider", async () => {
  await withMesh(async (mesh) => {
    const started = await mesh.run("start", "-d", fixture("greeter"), fixture("clock"));
    equal(started.code, 0, started.stderr);
    const resolved = await mesh.run("why", "gre", "day");
    equal(resolved.code, 0, resolved.stderr);
    match(
      resolved.stdout,
      /^day_time of greeter:greet is resolved\n[^]*leads to day_time of clock-/,
    );

    const following = mesh.spawn("events", "-f", "--agent", "greeter");
    await following.line("  register  ");
    equal((await mesh.run("stop", "clock")).code, 0);
    match(
      await following.line("dependency_unresolved"),
      /greeter-\w+ {2}day_time of greet → nobody/,
    );
    following.signal("SIGINT");
    equal((await following.ended).code, 0);

    const unresolved = await mesh.run("why", "greeter");
    match(unresolved.stdout, /^day_time of greeter:greet is unresolved\n[^]*\n {2}Fix: \S/);
    const { dependencies } = JSON.parse((await mesh.run("why", "greeter", "--json")).stdout);
    deepEqual([dependencies.length, dependencies[0].resolved], [1, false]);

    const audited = await mesh.run("audit", "greeter", "--explain", "--limit", "1");
    match(audited.stdout, /\[0\] day_time of greet\n[^]*✗ clock-\w+:day_time — Unhealthy/);
    match(audited.stdout, /└─ ✗ no resolution$/m);
    const { events, count } = JSON.parse((await mesh.run("audit", "greeter", "--json")).stdout);
    deepEqual([events.length, events[0].event_type], [count, "dependency_unresolved"]);

    const history = await mesh.run("events", "--json", "--type", "unregister");
    match(JSON.parse(history.stdout).agent_id, /^clock-/);
  });
});

Deno.test("schema diff and list --schemas show what agents published", async () => {
  await withMesh(async (mesh) => {
    equal((await mesh.run("start", "-d", fixture("greeter"))).code, 0);
    const { schemas } = JSON.parse((await mesh.run("list", "--schemas", "--json")).stdout);
    const hashes: string[] = schemas.map(({ hash }: { hash: string }) => hash);
    equal(hashes.length, 2);
    const [first = "", second = ""] = hashes.map((hash) => hash.slice("sha256:".length, 20));
    const different = await mesh.run("schema", "diff", first, second);
    equal(different.code, 0, different.stderr);
    match(different.stdout, /^[-+] name: string, required$/m);
    const same = JSON.parse((await mesh.run("schema", "diff", first, first, "--json")).stdout);
    equal(same.diff.hash_equal, true);
  });
});

Deno.test("registry commands administer a registry that asks for a secret", async () => {
  await withMesh(async (mesh) => {
    equal((await mesh.run("start", "--registry-only", "-d")).code, 0);
    const stranger = await fetch(`${mesh.registryUrl}/admin/drain`, { method: "POST" });
    await stranger.body?.cancel();
    equal(stranger.status, 401);
    const drained = await mesh.run("registry", "drain", "--wait", "--wait-timeout", "5");
    equal(drained.code, 0, drained.stderr);
    match(drained.stdout, /^Registry draining.*\nLive claims: 0\n$/);
    match((await mesh.run("registry", "status")).stdout, /DRAINING/);
    match((await mesh.run("registry", "resume")).stdout, /^Registry resumed/);
    equal(JSON.parse((await mesh.run("registry", "status", "--json")).stdout).draining, false);
  }, { MCP_MESH_ADMIN_TOKEN: "operators-only" });
});

Deno.test("config shows the settings a command runs with", async () => {
  await withMesh(async (mesh) => {
    const shown = JSON.parse((await mesh.run("config", "show", "--json")).stdout);
    deepEqual([shown.registry_port, shown.state_dir], [mesh.port, mesh.home]);
    equal(shown.origins.registry_port.name, "MCP_MESH_REGISTRY_PORT");
    equal((await mesh.run("config", "bogus")).code, 2);
  });
});

Deno.test("--namespace looks into one tenant of a registry that keeps them apart", async () => {
  await withMesh(async (mesh) => {
    const started = await mesh.run(
      ...["start", "-d", "--env", "MCP_MESH_NAMESPACE=team-a", fixture("clock")],
    );
    equal(started.code, 0, started.stderr);
    const names = async (...args: string[]) => {
      const { stdout } = await mesh.run("list", "--json", ...args);
      return JSON.parse(stdout).agents.map(({ name }: { name: string }) => name);
    };
    deepEqual(await names(), []);
    deepEqual(await names("--namespace", "team-b"), []);
    deepEqual(await names("--namespace", "team-a"), ["clock"]);
    deepEqual(await names("--namespace", "*"), ["clock"]);
    equal((await mesh.run("call", "day_time")).code, 3);
    const called = await mesh.run("call", "day_time", "--namespace", "team-a");
    equal(called.code, 0, called.stderr);
  }, { MCP_MESH_NAMESPACE_STRICT: "true", MCP_MESH_ADMIN_TOKEN: "operators-only" });
});
