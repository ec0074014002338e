import { attackTest } from "./attacks/attack_fixture.ts";

attackTest("process", []);
