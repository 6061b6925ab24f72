import type { Confidence, FieldFacts } from "../../core/model/catalogue.ts";
import { lazily } from "../../core/model/lazily.ts";
import { elementsOf } from "./structs.ts";
import { columnsData, type ColumnData, type ColumnsData } from "./data.ts";

/** Every name and code a plan may use for a column of the device list. */
export const deviceColumns = lazily(() => new Columns(columnsData()));

class Columns {
  readonly #byName = new Map<string, FieldFacts>();
  readonly #bySpelling = new Map<string, FieldFacts>();
  /** Old spelling -> what to write now. */
  readonly #current = new Map<string, string>();

  constructor(data: ColumnsData) {
    for (const column of data.columns) this.#add(factsOf(column), [column.code, column.member]);
    for (const statistic of statistics(data)) this.#add(statistic, [statistic.source]);
    for (const { name, code } of data.named) {
      const facts = this.#bySpelling.get(code);
      if (facts !== undefined) this.#byName.set(name, { ...facts, name });
    }
  }

  /** Names proper, without codes. */
  get names(): readonly string[] {
    return [...this.#byName.keys()];
  }

  /** Every code, old and new; the names of members of a row are among them. */
  get codes(): readonly string[] {
    return [...this.#bySpelling.keys()];
  }

  /** By name, or by any code: then the code is the field's name. Undefined: no such column. */
  find(nameOrCode: string): FieldFacts | undefined {
    const named = this.#byName.get(nameOrCode);
    if (named !== undefined) return named;
    const facts = this.#bySpelling.get(nameOrCode) ?? customColumn(nameOrCode);
    if (facts === undefined) return undefined;
    const current = this.#current.get(nameOrCode);
    return { ...facts, name: nameOrCode, ...(current === undefined ? {} : { current }) };
  }

  /** @param written The codes of today; all other spellings are old. */
  #add(facts: FieldFacts, written: readonly (string | undefined)[]): void {
    if (facts.name !== facts.source) this.#byName.set(facts.name, facts);
    for (const spelling of facts.spellings) {
      this.#bySpelling.set(spelling, facts);
      if (!written.includes(spelling)) this.#current.set(spelling, facts.name);
    }
  }
}

/** Members of a row itself; all other sources are column codes. */
export const rowMembers: ReadonlySet<string> = new Set(["AccountId", "PartnerId", "Flags"]);

function factsOf(column: ColumnData): FieldFacts {
  const { name, type, member, code, legacy, confidence } = column;
  return {
    name,
    source: member ?? code ?? name,
    spellings: [member, code, legacy].filter((spelling) => spelling !== undefined),
    type,
    ...(column.tokens === undefined ? {} : { tokens: column.tokens }),
    ...(member === "Flags" && { elements: elementsOf("flags<AccountFlags>") }),
    ...(column.lagMs === undefined ? {} : { lagMs: column.lagMs }),
    emptyIsUnset: true,
    zeroIsUnset: column.zeroIsUnset ?? false,
    volatile: column.volatile ?? false,
    secret: column.secret ?? false,
    ...(column.follows === undefined ? {} : { follows: column.follows }),
    // A member of the row itself is there whatever is known of its column.
    ...(confidence === "documented" || member !== undefined ? {} : { confidence }),
  };
}

/** Data source times statistic. Named by their codes: the few that have a name get it from the data file. */
function* statistics({ sources, statistics: fields, tokens }: ColumnsData): Generator<FieldFacts> {
  for (const source of sources) {
    for (const field of fields) {
      const code = source.code + field.code;
      const legacy = source.legacy !== undefined && field.legacy !== undefined ? [source.legacy + field.legacy] : [];
      yield {
        name: code,
        source: code,
        spellings: [code, ...unpadded(source.code, field.code), ...legacy],
        type: field.type,
        ...(field.unit === undefined ? {} : { unit: field.unit }),
        ...(field.tokens === undefined ? {} : { tokens: tokens[field.tokens] ?? {} }),
        emptyIsUnset: true,
        volatile: true,
        secret: false,
        ...(source.deprecated && {
          deprecated: { why: source.deprecated.why, use: source.deprecated.use + field.code },
        }),
        ...leastSure(source.confidence, field.confidence),
      };
    }
  }
}

/** A column is as sure as the less sure of its two parts. */
function leastSure(...parts: readonly Confidence[]): { readonly confidence?: Confidence } {
  const confidence = (["inferred", "code"] as const).find((one) => parts.includes(one));
  return confidence === undefined ? {} : { confidence };
}

/** D01F07 is also written D1F7, D1F07 and D01F7. */
function unpadded(source: string, field: string): readonly string[] {
  const [short, bare] = [source.replace(/^D0/, "D"), field.replace(/^F0/, "F")];
  return [...new Set([short + bare, short + field, source + bare])].filter((code) => code !== source + field);
}

/** `AA843`: a column of the customer's own. Its number is the tenant's, so there is nothing to look up. */
export function customColumn(code: string): FieldFacts | undefined {
  if (customNumber(code) === undefined) return undefined;
  return {
    name: code,
    source: code,
    spellings: [code],
    type: "string",
    emptyIsUnset: true,
    volatile: false,
    secret: false,
  };
}

/** The number that calls know a custom column by. Undefined: the code is of another column. */
export function customNumber(code: string): number | undefined {
  const digits = /^AA([1-9]\d{0,9})$/.exec(code)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
