import { pageTest } from "./reader.ts";

pageTest("agents/trip-planner/README.md");
