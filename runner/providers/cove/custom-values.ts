import { IncompleteError } from "../../core/model/errors.ts";
import type { Body } from "../../rpc/envelope.ts";

/** Gives all values of custom columns that one device has. */
export const customValuesCall = "GetAccountCustomColumnValues";

/**
 * What an answer says, by the number of the column: pairs `[843, "text"]`. A column without a pair has no value.
 * @throws {IncompleteError} it is something else than pairs.
 */
export function customValuesOf({ result: pairs }: Body): ReadonlyMap<number, unknown> {
  if (pairs === null || pairs === undefined) return new Map();
  if (!Array.isArray(pairs))
    throw new IncompleteError(`${customValuesCall} came back as something that is not a list.`);
  const values = new Map<number, unknown>();
  for (const pair of pairs as readonly unknown[]) {
    const [column, value] = Array.isArray(pair) ? (pair as readonly unknown[]) : [];
    const number = typeof column === "string" && /^\d{1,15}$/.test(column) ? Number(column) : column;
    if (typeof number !== "number" || !Number.isSafeInteger(number)) {
      throw new IncompleteError(
        `${customValuesCall} holds something else than pairs of a column's number and its text.`,
      );
    }
    if (values.has(number)) throw new IncompleteError(`${customValuesCall} has the column ${number} twice.`);
    values.set(number, value);
  }
  return values;
}
