import fc from "fast-check";
import { expect, it } from "vitest";
import { Device } from "../../../runner/simulator/device.ts";
import { idBounds } from "../../../runner/simulator/filter/bounds.ts";
import { compileFilter } from "../../../runner/simulator/filter/compile.ts";
import { parseFilter } from "../../../runner/simulator/filter/parse.ts";
import { Fleet } from "../../../runner/simulator/fleet.ts";
import { meaningfulFilter, write } from "./expressions.ts";

const fleet = new Fleet({ devices: 30, seed: 7, rootName: "Root", epoch: 1_700_000_000 });
const devices = Array.from({ length: 30 }, (_, place) => new Device(fleet, place, {}));

it("the ids a filter is narrowed to leave out no device that it selects", () => {
  const id = fc.constantFrom(...devices.map((device) => device.id));
  const aboutId = fc.oneof(
    fc.tuple(fc.constantFrom("==", "<", "<=", ">", ">=", "!="), id).map(([operator, one]) => `AU ${operator} ${one}`),
    fc.array(id, { minLength: 1, maxLength: 4 }).map((ids) => `I0 in (${ids.join(", ")})`),
    id.map((one) => `AU == '${one}'`),
    id.map((one) => `AU == -${one} == true`),
  );
  const joint = fc.constantFrom("and", "or", "== 1 and", "and not");
  let narrowed = 0;
  fc.assert(
    fc.property(
      aboutId,
      joint,
      fc.oneof(
        aboutId,
        meaningfulFilter.map((filter) => `(${write(filter)})`),
      ),
      (...parts) => {
        const filter = parseFilter(parts.join(" "))!;
        const bounds = idBounds(filter);
        if (bounds === undefined) return;
        narrowed += 1;
        for (const { id: selected } of devices.filter(compileFilter(filter))) {
          expect(selected).toBeGreaterThanOrEqual(bounds.from);
          expect(selected).toBeLessThanOrEqual(bounds.to);
        }
      },
    ),
    { numRuns: 500 },
  );
  expect(narrowed).toBeGreaterThan(100);
});
