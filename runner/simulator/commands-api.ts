import { argumentError } from "./api-error.ts";
import { upNow } from "./clock.ts";
import { ownDevice } from "./node-scope.ts";
import { Params } from "./params.ts";
import type { Members } from "./params.ts";
import { recordsAsked } from "./record-query.ts";
import type { Done, World } from "./world.ts";

/** The names seen in public. */
const commandNames = [
  "set settings",
  "set gui password",
  "set archiving",
  "set backup filter",
  "set selection",
  "clear selection",
  "switch back from seeding mode",
];

/**
 * SendAccountCommand: queued, whatever becomes of it. How the answer looks is only known in part: here an id and a code.
 * What the effect tells is that, and never the parameters: they can hold a password.
 */
export function sendAccountCommand(world: World, params: Members): Done {
  const device = ownDevice(world, params);
  const sent = new Params(params);
  const name = sent.text("command");
  if (!commandNames.includes(name)) throw argumentError(`command '${name}' doesn't exist`);
  const parameters = linesOf(sent.text("parameters"));
  if (device.accountType === 2) throw argumentError("the device takes no remote commands");
  const number = world.commands.queue(device.id, { name, parameters });
  const effect = { item: device.id, at: upNow(), before: {}, after: { queued: name } };
  return { result: { result: { id: number, result: { code: 0, message: "" } } }, effect };
}

/** QueryAudit: what the device did, commands included, once it has done it. */
export function queryAudit(world: World, params: Members): Done {
  const rows = world.commands.audit(ownDevice(world, params).id);
  return { result: { result: recordsAsked(world, params, { rows, columns: auditColumns }) }, asOf: upNow() };
}

const auditColumns = { Id: "Id", Operation: "Operation", Details: "Details", Time: "Time" } as const;

/** One parameter a line: its name, one space, its value. */
function linesOf(text: string): ReadonlyMap<string, string> {
  const lines = text.split("\n").filter((line) => line !== "");
  return new Map(
    lines.map((line): [string, string] => {
      const end = line.indexOf(" ");
      return end === -1 ? [line, ""] : [line.slice(0, end), line.slice(end + 1)];
    }),
  );
}
