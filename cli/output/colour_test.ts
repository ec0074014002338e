import { equal } from "node:assert/strict";
import { agentColour, createPalette, wantsColour } from "./colour.ts";

Deno.test("wantsColour() is for terminals, and NO_COLOR turns it off", () => {
  equal(wantsColour({ isTerminal: true, noColour: undefined }), true);
  equal(wantsColour({ isTerminal: true, noColour: "" }), true);
  equal(wantsColour({ isTerminal: true, noColour: "1" }), false);
  equal(wantsColour({ isTerminal: false, noColour: undefined }), false);
});

Deno.test("createPalette() emits codes only when enabled, and none for nothing", () => {
  equal(createPalette(true).paint("red", "x"), "\x1b[31mx\x1b[0m");
  equal(createPalette(true).paint("red", ""), "");
  equal(createPalette(false).paint("red", "x"), "x");
});

Deno.test("agentColour() is the same for the same name, and not for every name", () => {
  const names = ["flight-agent", "hotel-agent", "weather-agent", "poi-agent", "user-prefs-agent"];
  equal(agentColour("flight-agent"), agentColour("flight-agent"));
  equal(new Set(names.map(agentColour)).size > 1, true);
});
