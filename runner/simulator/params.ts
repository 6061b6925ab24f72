import { argumentError } from "./api-error.ts";

/** The members of a JSON object nobody has checked yet. */
export type Members = Readonly<Record<string, unknown>>;

/** False for null and for lists. */
export function isMembers(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Readers of members by exact name. A member that is null counts as not sent. */
export class Params {
  readonly #members: Members;
  readonly #path: string;

  constructor(members: Members, path = "") {
    this.#members = members;
    this.#path = path;
  }

  /** @throws ApiError when it is missing or no whole number. */
  integer(name: string): number {
    return this.optionalInteger(name) ?? this.#missing(name);
  }

  optionalInteger(name: string): number | undefined {
    const value = this.#members[name] ?? undefined;
    if (value === undefined || (typeof value === "number" && Number.isSafeInteger(value))) return value;
    throw argumentError(`${this.#path}${name} isn't a whole number`);
  }

  /** @throws ApiError when it is missing or no text. */
  text(name: string): string {
    return this.optionalText(name) ?? this.#missing(name);
  }

  optionalText(name: string): string | undefined {
    const value = this.#members[name] ?? undefined;
    if (value === undefined || typeof value === "string") return value;
    throw argumentError(`${this.#path}${name} isn't text`);
  }

  optionalFlag(name: string): boolean | undefined {
    const value = this.#members[name] ?? undefined;
    if (value === undefined || typeof value === "boolean") return value;
    throw argumentError(`${this.#path}${name} isn't true or false`);
  }

  /** Empty when it is not sent. */
  integers(name: string): readonly number[] {
    const value = this.#members[name] ?? [];
    if (Array.isArray(value) && value.every((one): one is number => Number.isSafeInteger(one))) return value;
    throw argumentError(`${this.#path}${name} isn't a list of whole numbers`);
  }

  /** Empty when it is not sent. */
  texts(name: string): readonly string[] {
    const value = this.#members[name] ?? [];
    if (Array.isArray(value) && value.every((one): one is string => typeof one === "string")) return value;
    throw argumentError(`${this.#path}${name} isn't a list of texts`);
  }

  /** @throws ApiError when it is missing or no object. */
  members(name: string): Params {
    const value = this.#members[name] ?? this.#missing(name);
    if (!isMembers(value)) throw argumentError(`${this.#path}${name} isn't an object`);
    return new Params(value, `${this.#path}${name}.`);
  }

  /** Strict mode only: what nobody knows is ignored otherwise, as far as anyone can tell. */
  refuseUnknown(known: readonly string[]): void {
    const unknown = Object.keys(this.#members).find((name) => !known.includes(name));
    if (unknown !== undefined) throw argumentError(`${this.#path}${unknown} isn't a known parameter`);
  }

  #missing(name: string): never {
    throw argumentError(`${this.#path}${name} is missing`);
  }
}
