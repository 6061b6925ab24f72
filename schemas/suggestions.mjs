// Writes the names of methods and columns into plan.schema.json, for editors to suggest: any other name still fits.
//   node schemas/suggestions.mjs [--check]      --check: exit 1 when the schema does not have the names of the catalogue
import { readFileSync, writeFileSync } from "node:fs";
import prettier from "prettier";

const target = new URL("plan.schema.json", import.meta.url);
const read = (name) => JSON.parse(readFileSync(new URL(name, import.meta.url), "utf8"));

const methods = read("cove/methods.json").methods.filter(({ endpoint = "reporting" }) => endpoint === "reporting");
const { columns, named } = read("cove/columns.json");
const names = (kinds) => methods.filter(({ kind }) => kinds.includes(kind)).map(({ name }) => name);

const suggestions = {
  listMethod: names(["enumerate", "read"]),
  changeMethod: names(["change"]),
  columnName: [...columns.filter(({ secret }) => !secret), ...named].map(({ name }) => name),
};

const schema = read("plan.schema.json");
for (const [name, values] of Object.entries(suggestions)) {
  const { anyOf } = schema.$defs[name];
  anyOf[0].enum = values;
}
const text = await prettier.format(JSON.stringify(schema, null, 2), { parser: "json", printWidth: 120 });

if (process.argv.includes("--check")) {
  if (readFileSync(target, "utf8") !== text) {
    console.error("schemas/plan.schema.json has not the names of schemas/cove; run: node schemas/suggestions.mjs");
    process.exitCode = 1;
  }
} else {
  writeFileSync(target, text);
}
