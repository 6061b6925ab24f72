// Writes docs/plan.md, the plan language key by key, from the schema that editors and Rollcall check plans with.
//   node schemas/docs.mjs [--check]      --check: exit 1 when the file is not what the schema says
import { readFileSync, writeFileSync } from "node:fs";

const schema = JSON.parse(readFileSync(new URL("plan.schema.json", import.meta.url), "utf8"));
const target = new URL("../docs/plan.md", import.meta.url);

const intro = `# The plan, key by key

Made from \`schemas/plan.schema.json\` by \`node schemas/docs.mjs\`. A first line
\`# yaml-language-server: $schema=../../schemas/plan.schema.json\` makes editors complete and check a plan as Rollcall does.

Keys that are expressions (\`filter\`, \`that\`, \`when\`, \`expect\`, \`pending\`, \`unless\`) hold CEL bare: \`item.os_type == "server"\`. Everywhere
else \`\${{ expression }}\` renders a value: alone in a scalar it keeps its type, inside text it becomes text, and \`$\${{\` is a literal.
Map keys are never templates. YAML tags, anchors, aliases and merge keys are errors, and so is a number with a leading zero.

A plan is at most 256 KiB, with at most 200 inputs, 20 lookups of 100 fields, 500 fields, 200 filter clauses, 200 members in \`set\` and 100 \`require\` rules; one
evaluation of an expression takes at most 200 000 steps.

Durations are \`90s\`, \`5m\` (minutes), \`2h\`, \`30d\`, \`2w\`, \`6mo\`, \`1y\`, \`250ms\`; a month is 30.44 days, a year 365.24. Sizes are powers of
1024, times are Unix seconds in UTC, an unset field is \`null\` and never missing.

| where | names in scope |
| --- | --- |
| everywhere | \`inputs\`, \`lookup\`, \`login\` (\`user_id\`, \`partner_id\`, \`name\`), \`now\` (Unix seconds, frozen when the run begins) |
| \`enumerate\`, \`lookups\` | and \`each\` (with \`for_each\`), \`page\` (with \`page\`, what its kind has); of \`lookup\` only those above; \`value\` of a field: and \`item\` with the fields above, \`row\` where the service knows nothing of the list, as is \`omit\` in its params |
| \`filter\`, \`set\`, \`unless\` | and \`item\`: the declared fields, and \`each\` with \`for_each\` |
| \`read\`, \`verify.read\` | and \`item\`, \`run\`; in \`absent\` and in \`value\` also the answer: \`row\`, or \`rows\` where it is a list |
| \`change.params\`, \`undo.params\` | and \`item\`, \`set\`, \`omit\` (leaves a member out), \`run\` (\`id\`, \`started\`); with \`chunk\` \`items\` in place of \`item\` |
| \`warn\` | and \`item\`, \`set\` in \`when\` |
| \`undo.unless\` | and \`before\`, \`run\`; \`verify.params\`: \`each\`, \`page\`, \`run\` |
| \`expect\`, \`pending\` | and \`before\`, \`after\`, \`set\`, \`run\` |

Functions beside CEL's own: \`coalesce(a, b)\`, \`merge(a, b)\`, \`union(a, b)\`, \`minus(a, b)\`, \`ago("30d")\`, \`days(n)\`, \`time("2026-01-31")\`,
\`to_bytes("500 GB")\`, \`size_text(n)\`, \`hex_text(n)\` (\`"0x1f"\`), \`key(a, b)\`, \`rematch(text, pattern)\` (RE2, in linear time; CEL's \`matches\` is refused), and on text
\`split join trim lowerAscii upperAscii replace startsWith endsWith contains\`. \`has(x)\` says whether there is a value: it is \`x != null\`.

**What may be empty.** A service may leave out any field of an item but its key; sets are then empty lists, all else is \`null\`. Cells of a CSV
file, fields of listed rows and inputs that need no value are the same. Null can be compared with \`==\`, \`!=\` and looked for with \`in\`; where a value
is needed, in \`<\` and \`+\`, in \`name.startsWith("x")\`, in \`ago(x)\`, inside a text, as a condition, it is an error of the plan unless it has been
tested: \`item.seen != null && item.seen < ago("30d")\`, \`coalesce(item.seen, 0) < ago("30d")\`, or a clause above it in the same \`filter\`.
What the filter has tested holds for \`set\`, \`params\`, \`unless\` and \`before\` as well, not for \`after\`. A field with a \`default\`, or with
\`optional: false\`, is never null. This finds what is sure to be wrong on such an item, not all that can be: what has no type, such as the members of
an answer, is only known when it is there, and refuses its item then.

**Whole numbers are exact.** A number beyond 2^53 stays one: it is compared, counted with (within 64 bits) and sent as the digits that it came
with. YAML would round such a number: write it as \`\${{ 9007199254740993 }}\`, or in quotes where a field or an input of a whole type takes it.

**Lists that the service knows nothing of.** A service whose config says how it is spoken to, and no more, leaves it to the plan to describe
its lists: \`rows\`, \`key\`, \`fields\` with their types, and \`page\`. A row that is no object where fields are its members, a row without its key,
a key that is there twice or a value that is not of its type refuses the list: nothing is decided from it.

Names of enums and flags are looked at wherever they are written out: \`item.os_type == "Workstation"\` is an error, because the name is
\`workstation\`. A number that has no name yet stays the text of its digits and may be compared with: \`item.os_type == "7"\`.
`;

function table(properties, required = []) {
  const rows = Object.entries(properties)
    .filter(([, property]) => !isNotYet(property))
    .map(
      ([name, property]) =>
        `| \`${name}\` | ${typeOf(property)}${defaultOf(name, property, required)} | ${cell(resolved(property).description ?? property.description ?? "")} |`,
    );
  return ["| key | type | meaning |", "| --- | --- | --- |", ...rows, ""].join("\n");
}

function section(title, name) {
  const part = schema.$defs[name];
  return `## ${title}\n\n${part.description ?? ""}\n\n${table(part.properties, part.required)}`;
}

const isNotYet = (property) => property.not !== undefined && Object.keys(property.not).length === 0;

function resolved(property) {
  if (property.$ref === undefined) return property;
  return { ...schema.$defs[property.$ref.split("/").at(-1)], ...property };
}

function typeOf(property) {
  const found = resolved(property);
  const name = property.$ref?.split("/").at(-1);
  if (name !== undefined && /^(duration|rate|percent)$/.test(name)) return name;
  if (found.const !== undefined) return `\`${JSON.stringify(found.const)}\``;
  if (found.enum !== undefined) return found.enum.map((one) => `\`${one}\``).join(" ");
  const choices = (found.anyOf ?? found.oneOf)?.filter(({ $comment }) => $comment !== "suggestions");
  if (choices !== undefined) return [...new Set(choices.map(typeOf))].join(" or ");
  return cell([found.type ?? "any"].flat().join(" or "));
}

function defaultOf(name, property, required) {
  if (required.includes(name)) return ", required";
  const found = resolved(property);
  return found.default === undefined ? "" : `, ${cell(`\`${JSON.stringify(found.default)}\``)}`;
}

const cell = (text) => text.replaceAll("|", "\\|");

const notYet = [];
(function collect(properties, path) {
  for (const [name, property] of Object.entries(properties)) {
    if (isNotYet(property)) notYet.push(`\`${[...path, name].join(".")}\``);
    else if (resolved(property).properties !== undefined) collect(resolved(property).properties, [...path, name]);
  }
})(schema.properties, []);

const text = [
  intro,
  `## Top level\n\n${table(schema.properties, schema.required)}`,
  section("`inputs.<name>`", "input"),
  section("`lookups.<name>`", "lookup"),
  section("`enumerate`", "enumerate"),
  section("`enumerate.fields.<name>`", "field"),
  section("`enumerate.page`", "page"),
  section("`read`", "read"),
  section("`change`", "change"),
  section("`change.result`", "result"),
  section("`undo`", "undo"),
  section("`guards`", "guards"),
  section("`warn[]`", "warning"),
  section("`pace`", "pace"),
  section("`stop`", "stop"),
  section("`verify`", "verify"),
  section("`verify.read`", "verifyRead"),
  `## Not yet\n\nThese keys are known and refused with their place until they work: ${notYet.join(" ")}.\n`,
].join("\n");

if (process.argv.includes("--check")) {
  if (readFileSync(target, "utf8") !== text) {
    console.error("docs/plan.md is not what schemas/plan.schema.json says; run: node schemas/docs.mjs");
    process.exitCode = 1;
  }
} else {
  writeFileSync(target, text);
}
