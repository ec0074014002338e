import { pageTest } from "./reader.ts";

pageTest("runtime/README.md");
