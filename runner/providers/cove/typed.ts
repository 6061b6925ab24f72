import type { FieldFacts } from "../../core/model/catalogue.ts";
import { IncompleteError } from "../../core/model/errors.ts";
import type { ItemId, Value } from "../../core/model/item.ts";
import type { Log } from "../../core/model/ports.ts";
import { readValue, ValueError } from "../../core/model/values.ts";

/** Types the values of one list, and tells once of each that no name is known for. */
export class TypedValues {
  /** What an item of the list is called in messages. */
  readonly #noun: string;
  readonly #log: Log;
  readonly #warned = new Set<string>();

  constructor(noun: string, log: Log) {
    this.#noun = noun;
    this.#log = log;
  }

  /**
   * A set with nothing in it is spelled null, or left out: `in` and `size` are to work on it all the same.
   * @throws {IncompleteError} when the value does not fit the field's type: nothing is dropped by an error.
   */
  read(field: FieldFacts, raw: unknown, id: ItemId): Value {
    try {
      const value = readValue(field, raw);
      if (value === null && field.type === "set") return [];
      if (field.type === "enum" && value === (typeof raw === "number" ? String(raw) : raw)) {
        this.#warnOfUnknown(field, value);
      }
      return value;
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      const { name, source, type } = field;
      const where = name === source ? name : `${name} (${source})`;
      throw new IncompleteError(`${this.#noun} ${id}, ${where}: ${error.message}.`, {
        cause: error,
        hint: `The service sends something else than a ${type} there; leave it out of \`fields\`.`,
      });
    }
  }

  /** A value that came through as it was: no token is known for it, or it is its own token. */
  #warnOfUnknown({ name, source, tokens = {} }: FieldFacts, value: Value): void {
    if (typeof value !== "string" || this.#warned.has(`${source}=${value}`)) return;
    if (Object.hasOwn(tokens, value) || Object.values(tokens).includes(value)) return;
    this.#warned.add(`${source}=${value}`);
    this.#log.warn({ column: source, value }, `unknown value of ${name}; kept as its text`);
  }
}
