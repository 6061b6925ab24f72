import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { RunEvent } from "../../runner/core/model/events.ts";
import { openWorkspace } from "../../runner/workspace.ts";
import { startRpcServer, type Asked, type RpcServer } from "../support/rpc-server.ts";
import { collect, newFolder } from "../support/runs.ts";

const secret = "correct-horse-battery";
const plan = `rollcall: 1
name: commands-by-session
service: own
inputs: { password: { type: secret } }
enumerate:
  call: QuerySessions
  for_each: "[1000, 1001]"
  route: { device: "\${{ each }}" }
  params: { query: "0 != 1", orderBy: "" }
  fields: [Id, Status]
read:
  call: QueryAudit
  route: { device: "\${{ each }}" }
  params: { query: "0 != 1", orderBy: "" }
  fields: { past: . }
filter: item.Status == "Failed"
change:
  call: SendAccountCommand
  route: { device: "\${{ each }}" }
  params:
    command: set gui password
    parameters: { password: "\${{ inputs.password }}", session: "\${{ item.Id }}" }
  expect: accepted
guards: { max: 10 }
`;

interface World extends AsyncDisposable {
  readonly service: RpcServer;
  readonly node: RpcServer;
}

/** Two devices on one node, each with sessions 5 and 6 of its own, and an audit that tells all that was sent. */
async function startWorld(): Promise<World> {
  const told: string[] = ["(nothing yet)"];
  const node = await startRpcServer(({ method, params }: Asked, { result, error }) => {
    const { token } = params as { token: string };
    if (method === "QuerySessions") result({ result: [5, 6].map((Id) => ({ Id, Status: "Failed" })) });
    else if (method === "QueryAudit") result({ result: told.map((Details) => ({ Details, token })) });
    else if (method === "SendAccountCommand") {
      told.push(String(params.parameters));
      result(null);
    } else error(1, method);
  });
  const service = await startRpcServer(({ method, params }, { result, error }) => {
    const Id = Number(params.accountId);
    const homeNodeInfo = { CommonInfo: { Host: new URL(node.url).host } };
    if (method === "Login") result({ result: { Id: 7, PartnerId: 5 } }, { visa: "visa-of-the-login" });
    else if (method === "GetAccountInfoById")
      result({ result: { Id, Name: `pc-${Id}`, Token: `tk-of-${Id}` }, homeNodeInfo });
    else error(1, method);
  });
  const close = async (): Promise<void> => {
    await Promise.all([service[Symbol.asyncDispose](), node[Symbol.asyncDispose]()]);
  };
  return { service, node, [Symbol.asyncDispose]: close };
}

describe("lists that each device answers for itself", () => {
  it("are lists of different items, whatever ids they have, and what a command says is kept in no file", async () => {
    await using world = await startWorld();
    const { service, node } = world;
    const cwd = newFolder();
    writeFileSync(join(cwd, "rollcall.config.yaml"), `services:\n  own: { kind: simulator, url: "${service.url}" }\n`);
    writeFileSync(join(cwd, "plan.yaml"), plan);
    await using workspace = await openWorkspace({ cwd, env: { CI: "" } });
    const load = () => workspace.loadPlan("plan.yaml", { inputs: { password: secret } });
    const consent = () => Promise.resolve({ given: true, how: "library" } as const);
    const events: readonly RunEvent[] = await collect(workspace.apply(await load(), { consent }));
    expect(events.find(({ type }) => type === "end")).toMatchObject({ counts: { unverifiable: 4 } });
    const ids = events.flatMap((event) => (event.type === "intent" ? [event.id] : []));
    expect(ids).toEqual(["1000/5", "1000/6", "1001/5", "1001/6"]);
    const sent = node.asked.filter(({ method }) => method === "SendAccountCommand").map(({ params }) => params.token);
    expect(sent.toSorted()).toEqual(["tk-of-1000", "tk-of-1000", "tk-of-1001", "tk-of-1001"]);

    // By now the audit repeats the password, and every answer the token.
    await collect(workspace.preview(await load()));
    const runs = join(cwd, ".rollcall/runs");
    const inventory = join(runs, readdirSync(runs).sort().at(-1)!, "inventory.ndjson");
    const files = readdirSync(runs, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const kept = files.map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8")).join("");
    expect(kept).toContain("(nothing yet)");
    expect(kept).not.toMatch(/tk-of-|correct-horse/);
    const again: readonly RunEvent[] = await collect(workspace.preview(await load(), { from: inventory }));
    const preview = again.find((event) => event.type === "preview");
    expect(preview?.counts).toMatchObject({ rows: 4, selected: 4 });
    expect(preview?.sample.map(({ id }) => id)).toEqual(ids);
  });
});
