// Writes docs/plan.md and docs/config.md, key by key, from the schemas that editors and Rollcall check plans and configs with.
//   node schemas/docs.mjs [--check]      --check: exit 1 when a page is not what its schema says
import { readFileSync, writeFileSync } from "node:fs";
import { configPage } from "./docs/config.mjs";
import { planPage } from "./docs/plan.mjs";

for (const [name, page] of [
  ["plan", planPage],
  ["config", configPage],
]) {
  const schema = JSON.parse(readFileSync(new URL(`${name}.schema.json`, import.meta.url), "utf8"));
  const target = new URL(`../docs/${name}.md`, import.meta.url);
  const text = page(schema);
  if (!process.argv.includes("--check")) writeFileSync(target, text);
  else if (readFileSync(target, "utf8") !== text) {
    console.error(`docs/${name}.md is not what schemas/${name}.schema.json says; run: node schemas/docs.mjs`);
    process.exitCode = 1;
  }
}
