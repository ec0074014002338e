import { deepEqual, equal, match } from "node:assert/strict";
import { fixture, withMesh } from "./meshctl.ts";

Deno.test("call types and checks words by the live schema, prints values, streams and repeats", async () => {
  await withMesh(async (mesh) => {
    const started = await mesh.run("start", "-d", fixture("ticker"), fixture("greeter"));
    equal(started.code, 0, started.stderr);

    const greeted = await mesh.run("call", "greet", "name=5", "-o", "value");
    deepEqual([greeted.code, greeted.stderr], [0, ""]);
    match(greeted.stdout, /5/);
    const refused = await mesh.run("call", "tick", "ticks=two", "unti=m");
    deepEqual([refused.code, refused.stdout], [2, ""]);
    match(refused.stderr, /unti is no argument of tick\. Did you mean unit\?/);
    match(refused.stderr, /ticks must be integer from 1, not "two"/);

    const streaming = mesh.spawn("call", "tick", "ticks=3", "unit=m", "--stream");
    equal(await streaming.line("1m"), "1m");
    equal((await mesh.run("call", "go")).code, 0);
    const { code, stdout, stderr } = await streaming.ended;
    deepEqual([code, stdout], [0, "1m\n2m\n3m\n"]);
    match(stderr, /^1\/3 ticking\n/);

    const repeated = await mesh.run("call", "go", "--repeat", "20", "--parallel", "4", "--json");
    const summary = JSON.parse(repeated.stdout);
    deepEqual([repeated.code, summary.succeeded, summary.failed], [0, 20, 0]);
    const failing = await mesh.run("call", "go", "fail=true", "--repeat", "3");
    equal(failing.code, 5);
    match(failing.stdout, /0 succeeded, 3 failed\n[^]*Failed +3 × .*was told to fail/);

    const file = `${mesh.home}/args.json`;
    await Deno.writeTextFile(file, '{"fail":true}');
    const document = await mesh.run("call", "ticker:go", `@${file}`, "-o", "json");
    equal(document.code, 5);
    const { ok, error } = JSON.parse(document.stdout);
    deepEqual([ok, error.code], [false, "tool_failed"]);
  });
});
