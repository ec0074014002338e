import assert from "node:assert/strict";

Deno.test('importing "mesh" does not load the vendors\' package', async () => {
  const worker = new Worker(new URL("../testdata/loads.ts", import.meta.url), { type: "module" });
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  worker.onmessage = ({ data }) => resolve(data);
  worker.onerror = (event) => reject(new Error(event.message));
  try {
    assert.deepEqual(await promise, { before: false, after: true });
  } finally {
    worker.terminate();
  }
});
