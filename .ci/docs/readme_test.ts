import { pageTest } from "./reader.ts";

pageTest("README.md");
