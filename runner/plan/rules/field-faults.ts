import type { FieldFacts, ListFacts } from "../../core/model/catalogue.ts";
import type { FieldType } from "../../core/model/values.ts";
import type { Finding, Path } from "../../language/source.ts";
import { sureness } from "./rule.ts";

interface Asked {
  readonly name: string;
  readonly from: string;
  readonly path: Path;
}

interface Surroundings {
  readonly list: ListFacts;
  /** The fields above. */
  readonly taken: readonly FieldFacts[];
  /** `allow_undocumented`. */
  readonly isLenient: boolean;
  readonly facts: FieldFacts;
  /** As the plan has it; undefined: as the list has it. */
  readonly type: FieldType | undefined;
}

/** What keeps a field from being used; when nothing does, what is worth knowing of it. */
export function* faultsOf(asked: Asked, around: Surroundings): Generator<Finding> {
  const fault = faultOf(asked, around);
  if (fault !== undefined) yield fault;
  else yield* remarks(asked, around.facts, around.isLenient);
}

function* remarks(asked: Asked, facts: FieldFacts, isLenient: boolean): Generator<Finding> {
  const { path } = asked;
  const { name, source, current, deprecated, confidence } = facts;
  if (deprecated !== undefined)
    yield {
      path,
      ...(isLenient && { severity: "note" }),
      code: "deprecated-field",
      message: `${name} is deprecated. ${deprecated.why}`,
      hint: `Use ${deprecated.use}${isLenient ? "" : ", or allow_undocumented: true if your service still gives it"}.`,
    };
  if (current !== undefined && isReadable(asked.name))
    yield {
      path,
      severity: "note",
      code: "old-code",
      message: `${name} is an old code: today it is ${current}${current === source ? "" : ` (${source})`}`,
      hint: `Write ${current}.`,
    };
  if (confidence !== undefined && !isLenient)
    yield {
      path,
      severity: "note",
      code: "unsure-field",
      message: `${name} is not documented by the vendor: ${sureness[confidence]}`,
      hint: "allow_undocumented: true takes this note away.",
    };
}

function faultOf({ name, from, path }: Asked, { list, facts, taken, type }: Surroundings): Finding | undefined {
  if (facts.secret) return { path, code: "secret-field", message: `${from} is a secret of the item and is never read` };
  if (type === "secret" || (type === "enum" && facts.type !== "enum" && facts.untyped !== true))
    return { path, code: "bad-type", message: `${from} is of type ${facts.type} and can not be read as ${type}` };
  if (type !== undefined && type !== facts.type && facts.source === list.field(list.key)?.source)
    return { path, code: "bad-type", message: `${from} is the key of the list and stays of type ${facts.type}` };
  const twin = taken.find((other) => other.name === name || (other.source !== "" && other.source === facts.source));
  if (twin)
    return {
      path,
      code: "duplicate-field",
      message: twin.name === name ? `field ${name} is there twice` : `${name} and ${twin.name} are the same field`,
    };
  return undefined;
}

/** Whether an expression can read a field of that name. */
export function isReadable(name: string): boolean {
  return /^[A-Za-z]\w{0,62}$/.test(name);
}
