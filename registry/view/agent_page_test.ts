import { deepEqual, equal } from "node:assert/strict";
import { readCursor } from "./agent_page.ts";
import { provider, row, type TestMesh } from "../suites/mesh_fixture.ts";

async function page(mesh: TestMesh, query: string) {
  const body = await (await mesh.send(`/agents?${query}`)).json();
  const ids: string[] = body.agents.map(({ id }: { id: string }) => id);
  equal(body.count, ids.length);
  return { ids, next: body.next_cursor as string | null | undefined };
}

async function registerAll(mesh: TestMesh, ...ids: string[]) {
  for (const id of ids) await mesh.register(provider(id, "c"));
}

row("paging", "every agent once, whatever the size of the pages", async (mesh) => {
  await registerAll(mesh, "e", "d", "c", "b", "a");
  for (const limit of [1, 2, 5, 9]) {
    const ids: string[] = [];
    for (let cursor: string | null | undefined = ""; cursor !== null;) {
      const found = await page(mesh, `limit=${limit}&cursor=${cursor}`);
      ids.push(...found.ids);
      cursor = found.next ?? null;
    }
    deepEqual(ids, ["e", "d", "c", "b", "a"]);
  }
});

row("paging", "goes on where it was, whoever comes and goes", async (mesh) => {
  await registerAll(mesh, "a", "b", "c");
  const first = await page(mesh, "limit=2");
  deepEqual(first.ids, ["a", "b"]);
  await mesh.unregister("b");
  mesh.now += 7_200_000;
  await mesh.register(provider("c", "c"));
  await mesh.restart();
  await registerAll(mesh, "d");
  deepEqual((await page(mesh, `limit=2&cursor=${first.next}`)).ids, ["c", "d"]);
  deepEqual((await page(mesh, `cursor=${first.next}`)).ids, ["c", "d"]);
});

row("paging", "filters hold on every page", async (mesh) => {
  await registerAll(mesh, "a", "b", "c");
  await mesh.unregister("b");
  const first = await page(mesh, "limit=1&status=healthy");
  deepEqual(first.ids, ["a"]);
  deepEqual(await page(mesh, `limit=1&status=healthy&cursor=${first.next}`), {
    ids: ["c"],
    next: null,
  });
});

row("paging", "without a limit all agents are listed, as ever", async (mesh) => {
  await registerAll(mesh, "a", "b");
  deepEqual(await page(mesh, ""), { ids: ["a", "b"], next: undefined });
});

for (
  const query of ["limit=abc", "limit=1.5", "limit=", "cursor=%00", "cursor=W10", "cursor=abc"]
) {
  row("paging", `${query} is refused, naming it`, async (mesh) => {
    const response = await mesh.send(`/agents?${query}`);
    equal(response.status, 400);
    const name = query.split("=")[0];
    equal((await response.json()).msg.startsWith(`Invalid format for parameter ${name}: `), true);
  });
}

for (const text of ["[1]", '["a",1]', "{}", "null", "1", "[1e999,1]", ""]) {
  Deno.test(`readCursor() refuses ${text}`, () => {
    equal(readCursor(btoa(text)), undefined);
  });
}

row("agent", "GET /agents/{id} is its entry of the listing", async (mesh) => {
  await registerAll(mesh, "a", "b");
  const response = await mesh.send("/agents/b");
  equal(response.status, 200);
  deepEqual(await response.json(), await mesh.agent("b"));
  const elsewhere = await mesh.send("/agents/b?namespace=other");
  await elsewhere.body?.cancel();
  equal(elsewhere.status, 404);
  const unknown = await mesh.send("/agents/ghost");
  equal(unknown.status, 404);
  equal((await unknown.json()).error.startsWith('there is no agent "ghost"'), true);
});
