import { equal } from "node:assert/strict";
import { RegistryHealthSchema } from "../../runtime/protocol/listing.ts";
import { startingHealth } from "./health.ts";

Deno.test("startingHealth() is a registry's health that is not there yet", async () => {
  const response = startingHealth();
  equal(response.status, 503);
  equal(response.headers.get("Retry-After"), "1");
  equal(RegistryHealthSchema.parse(await response.json()).status, "starting");
});
