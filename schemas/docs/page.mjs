/** A page about a schema: its top level, then each definition of `sections` (title, name), then what does not work yet. */
export function pageOf(schema, { intro, sections }) {
  const notYet = notYetIn(schema);
  return [
    intro,
    `## Top level\n\n${table(schema, schema)}`,
    ...sections.map(([title, name]) => section(schema, title, schema.$defs[name])),
    `## Not yet\n\nThese keys are known and refused with their place until they work: ${notYet.join(" ")}.\n`,
  ].join("\n");
}

function section(schema, title, part) {
  return `## ${title}\n\n${part.description ?? ""}\n\n${table(schema, part)}`;
}

function table(schema, { properties, required = [] }) {
  const rows = Object.entries(properties)
    .filter(([, property]) => !isNotYet(property))
    .map(([name, property]) => {
      const meaning = property.description ?? resolved(schema, property).description ?? "";
      const type = `${typeOf(schema, property)}${required.includes(name) ? ", required" : defaultOf(schema, property)}`;
      return `| \`${name}\` | ${type} | ${cell(meaning)} |`;
    });
  return ["| key | type | meaning |", "| --- | --- | --- |", ...rows, ""].join("\n");
}

const isNotYet = (property) => property.not !== undefined && Object.keys(property.not).length === 0;

function resolved({ $defs }, property) {
  if (property.$ref === undefined) return property;
  return { ...$defs[property.$ref.split("/").at(-1)], ...property };
}

/** Definitions that are called what they are. */
const named = /^(duration|rate|percent|path)$/;

function typeOf(schema, property) {
  const found = resolved(schema, property);
  const name = property.$ref?.split("/").at(-1);
  if (name === "condition") return "CEL";
  if (name !== undefined && named.test(name)) return name;
  if (found.const !== undefined) return `\`${JSON.stringify(found.const)}\``;
  if (found.enum !== undefined) return found.enum.map((one) => `\`${one}\``).join(" ");
  const choices = (found.anyOf ?? found.oneOf)?.filter(({ $comment }) => $comment !== "suggestions");
  if (choices !== undefined) return [...new Set(choices.map((choice) => typeOf(schema, choice)))].join(" or ");
  return cell([found.type ?? "any"].flat().join(" or "));
}

function defaultOf(schema, property) {
  const found = resolved(schema, property);
  return found.default === undefined ? "" : `, ${cell(`\`${JSON.stringify(found.default)}\``)}`;
}

const cell = (text) => text.replaceAll("|", "\\|");

function notYetIn(schema) {
  const collect = (properties, path) =>
    Object.entries(properties).flatMap(([name, property]) => {
      if (isNotYet(property)) return [`\`${[...path, name].join(".")}\``];
      const { properties: below } = resolved(schema, property);
      return below === undefined ? [] : collect(below, [...path, name]);
    });
  return collect(schema.properties, []);
}
