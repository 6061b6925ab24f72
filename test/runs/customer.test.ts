import { describe, expect, it } from "vitest";
import { bestFit, fitOf, type Customer } from "../../runner/runs/customer.ts";

describe("who is meant by what somebody typed", () => {
  const acme: Customer = { partner_id: "8", customer_name: " Acme ", partner_name: "Acme Group" };
  it.each([
    ["8", bestFit],
    [" 8 ", 3],
    [" Acme ", 2],
    ["Acme Group", 2],
    ["Acme", 1],
    ["ACME", 1],
    ["  acme group", 1],
    ["Acm", 0],
    ["88", 0],
    ["", 0],
  ])("%j fits by %d", (wanted, fit) => {
    expect(fitOf(acme, wanted)).toBe(fit);
  });

  it("is the id before a name, also where it is written otherwise", () => {
    expect(fitOf({ partner_id: "A9" }, "a9")).toBeGreaterThan(fitOf({ customer_name: "a9" }, "a9"));
    expect(fitOf({}, "a9")).toBe(0);
  });
});
