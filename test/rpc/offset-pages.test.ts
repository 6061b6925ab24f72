import { expect, it } from "vitest";
import { IncompleteError } from "../../runner/core/model/errors.ts";
import { itemId } from "../../runner/core/model/item.ts";
import { WholeList, type PageRequest } from "../../runner/core/select/completeness.ts";
import { mostPages, offsetPages } from "../../runner/rpc/offset-pages.ts";
import { never } from "../support/rpc-server.ts";

it("ends at a service that always has another page", async () => {
  let asked = 0;
  const fetch = ({ start, count }: PageRequest): Promise<number[]> => {
    asked += 1;
    return Promise.resolve(Array.from({ length: count }, (_, place) => start + place));
  };
  const pages = offsetPages(
    new WholeList<number>(2, (row) => itemId(String(row))),
    { fetch, rowsOf: (rows) => rows },
    never,
  );
  let given = 0;
  const read = async (): Promise<void> => {
    for await (const rows of pages) given += rows.length;
  };
  await expect(read()).rejects.toThrow(IncompleteError);
  expect(given).toBeGreaterThan(mostPages / 2);
  expect(asked).toBeLessThan(mostPages + 5);
});
