import { GuardError } from "../core/model/errors.ts";
import type { FactOf } from "../core/model/events.ts";
import type { Connection } from "../core/model/ports.ts";

/** @throws {GuardError} `stale`: the login belongs to another customer; the line is closed then. */
export async function sameTenant(line: Connection, start: FactOf<"start">): Promise<void> {
  const { partner_id: here, name } = line.login;
  if (here === start.login.partner_id) return;
  await line[Symbol.asyncDispose]();
  const there = String(start.login.partner_id);
  throw new GuardError("stale", `This was begun for customer ${there}; ${name} belongs to ${String(here)}.`, {
    hint: "Nothing was sent. Use the credentials of that customer.",
  });
}
