import { expect, it } from "vitest";
import { lockScope } from "../../runner/workspace/record.ts";

it("the scope of a lock names the login, where there is one", () => {
  const service = { url: "http://127.0.0.1:4100/" };
  expect(lockScope(service, { user_id: 301, partner_id: 1, name: "ada" })).toBe("http://127.0.0.1:4100/ as 301");
  expect(lockScope(service, { user_id: null, partner_id: null, name: "ada" })).toBe("http://127.0.0.1:4100/ as ada");
  expect(lockScope(service, { user_id: null, partner_id: null, name: "" })).toBe("http://127.0.0.1:4100/");
});
