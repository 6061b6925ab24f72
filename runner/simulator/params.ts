import { isDeepStrictEqual } from "node:util";
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

  /** @throws ApiError when it is missing or no list of whole numbers. */
  someIntegers(name: string): readonly number[] {
    return this.#members[name] == null ? this.#missing(name) : this.integers(name);
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
    return this.optionalTexts(name) ?? [];
  }

  optionalTexts(name: string): readonly string[] | undefined {
    const value = this.#members[name] ?? undefined;
    if (value === undefined || isTexts(value)) return value;
    throw argumentError(`${this.#path}${name} isn't a list of texts`);
  }

  /** @throws ApiError unless it is one of these words, or not sent. */
  optionalWord(name: string, words: readonly string[]): string | undefined {
    const word = this.optionalText(name);
    if (word !== undefined) this.#assertKnown(name, [word], words);
    return word;
  }

  /** @throws ApiError unless they are all among these words, or not sent. */
  optionalWords(name: string, words: readonly string[]): readonly string[] | undefined {
    const sent = this.optionalTexts(name);
    if (sent !== undefined) this.#assertKnown(name, sent, words);
    return sent;
  }

  /** A map is sent as pairs. @throws ApiError when it is missing, or anything but numbers with their texts. */
  numberedTexts(name: string): readonly (readonly [number, string])[] {
    const value = this.#members[name] ?? this.#missing(name);
    if (Array.isArray(value) && value.every(isNumberedText)) return value;
    throw argumentError(`${this.#path}${name} isn't a list of pairs such as [843, "text"]`);
  }

  /** @throws ApiError when it is missing or no object. */
  members(name: string): Params {
    return this.optionalMembers(name) ?? this.#missing(name);
  }

  optionalMembers(name: string): Params | undefined {
    const value = this.#members[name] ?? undefined;
    if (value === undefined) return undefined;
    if (!isMembers(value)) throw argumentError(`${this.#path}${name} isn't an object`);
    return new Params(value, `${this.#path}${name}.`);
  }

  /** The object itself, whatever is in it. @throws ApiError when it is missing or no object. */
  raw(name: string): Members {
    return this.members(name).#members;
  }

  /** Strict mode only: what nobody knows is ignored otherwise, as far as anyone can tell. */
  refuseUnknown(known: readonly string[]): void {
    const unknown = Object.keys(this.#members).find((name) => !known.includes(name));
    if (unknown !== undefined) throw argumentError(`${this.#path}${unknown} isn't a known parameter`);
  }

  /**
   * Members that nobody can change may still be sent, as whoever reads an object and writes it back does.
   * @throws ApiError for one that differs from what it is now.
   */
  refuseChanged(names: readonly string[], current: Members): void {
    const changed = names.find((name) => {
      const sent = this.#members[name] ?? undefined;
      return sent !== undefined && !isDeepStrictEqual(sent, current[name]);
    });
    if (changed !== undefined) throw argumentError(`${this.#path}${changed} can't be changed`);
  }

  #assertKnown(name: string, sent: readonly string[], words: readonly string[]): void {
    const unknown = sent.find((word) => !words.includes(word));
    if (unknown !== undefined)
      throw argumentError(`${this.#path}${name} '${unknown}' isn't one of ${words.join(", ")}`);
  }

  #missing(name: string): never {
    throw argumentError(`${this.#path}${name} is missing`);
  }
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

function isNumberedText(value: unknown): value is readonly [number, string] {
  return Array.isArray(value) && value.length === 2 && Number.isSafeInteger(value[0]) && typeof value[1] === "string";
}
