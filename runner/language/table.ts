export type Key = string | bigint | number | boolean;

/** Rows by a key of theirs, exact for whole numbers of any size. `1` and `1.0` are one key, `1` and `"1"` are two. */
export class Table<Row> {
  /** What it is called in messages. */
  readonly name: string;
  readonly rows: readonly Row[];
  readonly #places = new Map<Key, number>();
  readonly #ignoresCase: boolean;
  /** As in JavaScript: a key of another type is a mistake, not a row that is missing. */
  readonly #types = new Set<string>();

  /** @param keyOf The key of each row; of two rows with one key the first is found. */
  constructor(
    name: string,
    rows: readonly Row[],
    { keyOf, ignoresCase }: { readonly keyOf: (row: Row) => unknown; readonly ignoresCase: boolean },
  ) {
    this.name = name;
    this.rows = rows;
    this.#ignoresCase = ignoresCase;
    for (const [place, row] of rows.entries()) {
      const key = this.#keyFrom(keyOf(row));
      if (key === undefined || this.#places.has(key)) continue;
      this.#types.add(typeof key);
      this.#places.set(key, place);
    }
  }

  /** Every key, in the order of the rows. */
  get keys(): readonly Key[] {
    return [...this.#places.keys()];
  }

  /** Whether a row could have that key at all. An empty table says yes to every scalar. */
  mayHave(key: unknown): boolean {
    const found = this.#keyFrom(key);
    return key === null || (found !== undefined && (this.#types.size === 0 || this.#types.has(typeof found)));
  }

  /** Undefined: there is no such row. */
  placeOf(key: unknown): number | undefined {
    const found = this.#keyFrom(key);
    return found === undefined ? undefined : this.#places.get(found);
  }
  #keyFrom(value: unknown): Key | undefined {
    return tableKey(value, this.#ignoresCase);
  }
}

/** The form in which keys are compared. Undefined: null, a list or a map is none. */
export function tableKey(value: unknown, ignoresCase: boolean): Key | undefined {
  switch (typeof value) {
    case "string":
      return ignoresCase ? value.toLowerCase() : value;
    case "number":
      return Number.isSafeInteger(value) ? BigInt(value) : value;
    case "bigint":
    case "boolean":
      return value;
    default:
      return undefined;
  }
}
