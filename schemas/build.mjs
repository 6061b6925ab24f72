// Compiles the JSON Schemas to plain functions, so that nothing is compiled when a plan is read.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import standalone from "ajv/dist/standalone/index.js";

const here = new URL("./", import.meta.url);
// ajv's ESM output still says require(…) for string lengths, equality and uniqueness.
const banner = 'import { createRequire } from "node:module";\nconst require = createRequire(import.meta.url);\n';

mkdirSync(new URL("validators/", here), { recursive: true });
for (const name of ["plan", "config", "test", "policy"]) {
  const schema = JSON.parse(readFileSync(new URL(`${name}.schema.json`, here), "utf8"));
  const ajv = new Ajv2020({
    allErrors: true,
    strict: true,
    strictRequired: true,
    allowUnionTypes: true,
    code: { source: true, esm: true },
  });
  const code = standalone.default(ajv, ajv.compile(withoutSuggestions(schema)));
  writeFileSync(new URL(`validators/${name}.js`, here), banner + code);
}

/** What editors suggest forbids nothing: the compiled check is as small as without it. */
function withoutSuggestions(node) {
  if (typeof node !== "object" || node === null) return node;
  if (Array.isArray(node)) return node.map(withoutSuggestions);
  const [first, rest] = node.anyOf ?? [];
  if (first?.$comment === "suggestions") return withoutSuggestions(rest);
  const dropped = node.$comment === "suggestions" ? ["$comment", "properties", "doNotSuggest"] : ["doNotSuggest"];
  const kept = Object.entries(node).filter(([name]) => !dropped.includes(name));
  return Object.fromEntries(kept.map(([name, value]) => [name, withoutSuggestions(value)]));
}
