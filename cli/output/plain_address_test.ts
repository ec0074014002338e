import { equal } from "node:assert/strict";
import { withoutSecrets } from "./plain_address.ts";

Deno.test("withoutSecrets() leaves out who and with what password", () => {
  equal(withoutSecrets("redis://user:secret@host:6379/0"), "redis://host:6379/0");
  equal(withoutSecrets("https://host/?token=secret"), "https://host");
  equal(withoutSecrets("localhost:4317"), "localhost:4317");
});
