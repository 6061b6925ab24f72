import { upNow } from "./clock.ts";
import { ownDevice } from "./node-scope.ts";
import { Params } from "./params.ts";
import type { Members } from "./params.ts";
import { recordsAsked } from "./record-query.ts";
import { errorsOf, sessionsOf } from "./sessions.ts";
import type { Done, World } from "./world.ts";

/** QuerySessions: the backups of one device. Queries know plug-in, status, type and flags by number, records by name. */
export function querySessions(world: World, params: Members): Done {
  const numbered = recordsAsked(world, params, {
    rows: sessionsOf(ownDevice(world, params)),
    columns: {
      Id: ({ session }) => session.Id,
      BackupStartTime: ({ session }) => session.StartTime,
      Plugin: "plugin",
      Status: "status",
      Type: () => backupType,
      Flags: () => 0,
      ErrorsCount: ({ session }) => session.ErrorsCount,
      SelectedSize: ({ session }) => session.SelectedSize,
      SelectedCount: ({ session }) => session.SelectedCount,
    },
  });
  return answer(numbered.map(({ session }) => session));
}

/** QueryErrors: errors of one session, or of all (0), alike ones counted together. */
export function queryErrors(world: World, params: Members): Done {
  const sent = new Params(params);
  const group = sent.integer("groupId");
  const rows = errorsOf(ownDevice(world, params), sent.integer("sessionId"));
  const wanted = rows.filter(({ Id }) => group === 0 || Id === group);
  return answer(recordsAsked(world, params, { rows: wanted, columns: errorColumns }));
}

/** EnumerateSessionErrorsGroupDetails: the single errors behind one record of QueryErrors. */
export function enumerateSessionErrorsGroupDetails(world: World, params: Members): Done {
  const sent = new Params(params);
  const device = ownDevice(world, params);
  const session = sent.integer("sessionId");
  const group = errorsOf(device, session).find(({ Id }) => Id === sent.integer("groupId"));
  const plugin = sessionsOf(device).find((one) => one.session.Id === group?.SessionId)?.plugin ?? 0;
  const rows = Array.from({ length: group?.Count ?? 0 }, (_, place) => ({
    ErrorText: group?.Text ?? "",
    Path: group?.Filename ?? "",
    Plugin: plugin,
    GroupId: group?.Id ?? 0,
    NodeId: place + 1,
    Time: (group?.Time ?? 0) + place,
  }));
  const columns = { ErrorText: "ErrorText", Path: "Path", Plugin: "Plugin", NodeId: "NodeId", Time: "Time" } as const;
  return answer(recordsAsked(world, params, { rows, columns }));
}

const errorColumns = {
  Id: "Id",
  SessionId: "SessionId",
  Code: "Code",
  Text: "Text",
  Filename: "Filename",
  Count: "Count",
  Time: "Time",
} as const;

/** The bit of a backup in a session's type; another is a restore. */
const backupType = 1;

function answer(rows: readonly object[]): Done {
  return { result: { result: rows }, asOf: upNow() };
}
