// Writes what editors are to suggest into the schemas: the names of methods and columns, where any other name still fits,
// and never a key that does not work yet.
//   node schemas/suggestions.mjs [--check]      --check: exit 1 when a schema is not so
import { readFileSync, writeFileSync } from "node:fs";
import prettier from "prettier";

const read = (name) => JSON.parse(readFileSync(new URL(name, import.meta.url), "utf8"));

const methods = read("cove/methods.json").methods.filter(({ endpoint = "reporting" }) => endpoint === "reporting");
const { columns, named } = read("cove/columns.json");
const names = (kinds) => methods.filter(({ kind }) => kinds.includes(kind)).map(({ name }) => name);

const suggestions = {
  listMethod: names(["enumerate", "read"]),
  changeMethod: names(["change"]),
  columnName: [...columns.filter(({ secret }) => !secret), ...named].map(({ name }) => name),
};

const plan = read("plan.schema.json");
for (const [name, values] of Object.entries(suggestions)) {
  const { anyOf } = plan.$defs[name];
  anyOf[0].enum = values;
}
const { set } = plan.$defs.change.properties;
set.$comment = "suggestions";
set.properties = Object.fromEntries(suggestions.columnName.map((name) => [name, {}]));

for (const [name, schema] of [
  ["plan", plan],
  ["config", read("config.schema.json")],
]) {
  hideNotYet(schema);
  const target = new URL(`${name}.schema.json`, import.meta.url);
  const text = await prettier.format(JSON.stringify(schema, null, 2), { parser: "json", printWidth: 120 });
  if (!process.argv.includes("--check")) writeFileSync(target, text);
  else if (readFileSync(target, "utf8") !== text) {
    console.error(`schemas/${name}.schema.json does not suggest what it should; run: node schemas/suggestions.mjs`);
    process.exitCode = 1;
  }
}

/** Read by yaml-language-server. */
function hideNotYet(node) {
  if (typeof node !== "object" || node === null) return;
  if (node.not !== undefined && Object.keys(node.not).length === 0) node.doNotSuggest = true;
  for (const value of Object.values(node)) hideNotYet(value);
}
