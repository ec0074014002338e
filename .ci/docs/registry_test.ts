import { pageTest } from "./reader.ts";

pageTest("registry/README.md");
