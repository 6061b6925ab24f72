import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LoadedPlan, Workspace } from "../../runner/workspace.ts";
import { openWith } from "../../runner/workspace/open.ts";
import { startRpcServer } from "./rpc-server.ts";
import { newFolder } from "./runs.ts";

export interface Bed {
  readonly id: string;
  name?: string | null;
  temp?: number | null;
  seen?: number | null;
}

/** A small service that only configuration describes, and a folder whose config leads to it. */
export interface Garden extends AsyncDisposable {
  readonly cwd: string;
  readonly workspace: Workspace;
  readonly beds: Map<string, Bed>;
  /** What happens when a bed is read, before the answer. */
  onRead: () => void;
  /** How long an answer takes, ms. */
  delayMs: number;
  /** A plan about these beds; `rest`: `change` and all behind it. */
  plan(rest: string, name?: string): Promise<LoadedPlan>;
}

export async function garden(all: readonly Bed[]): Promise<Garden> {
  const cwd = newFolder();
  const beds = new Map(all.map((bed) => [bed.id, { name: null, temp: null, seen: null, ...bed }]));
  const server = await startRpcServer(({ method, params }, { result, error }) => {
    if (method === "beds.list") here.onRead();
    const bed = beds.get(String(params?.id));
    const answer = (): void => {
      if (method === "beds.list") {
        result({ beds: [...beds.values()] });
        return;
      }
      if (bed === undefined) {
        error(404, "no such bed");
        return;
      }
      if (method === "beds.remove") beds.delete(bed.id);
      else Object.assign(bed, params);
      result(true);
    };
    if (here.delayMs === 0) answer();
    else setTimeout(answer, here.delayMs);
  });
  writeFileSync(join(cwd, "rollcall.config.yaml"), config(server.url));
  const workspace = await openWith({ cwd, env: { CI: "", XDG_CONFIG_HOME: join(cwd, "xdg") } }, {});
  const here: Garden = {
    ...{ cwd, workspace, beds, delayMs: 0, onRead: () => undefined },
    plan: (rest, name = "beds") => {
      writeFileSync(join(cwd, `${name}.yaml`), `${head(name)}${rest}\n`);
      return workspace.loadPlan(join(cwd, `${name}.yaml`));
    },
    [Symbol.asyncDispose]: async () => {
      await workspace[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
  return here;
}

const config = (url: string): string => `rollcall: 1
services:
  garden:
    kind: jsonrpc
    url: ${url}
    methods:
      beds.list: { kind: enumerate }
      beds.set: { kind: change, repeat: set }
      beds.remove: { kind: change }
    limits: { timeout: 2s }
    late: 100ms
    lag: 0s
`;

const head = (name: string): string => `rollcall: 1
name: ${name}
service: garden
enumerate:
  call: beds.list
  rows: beds
  key: id
  title: name
  fields:
    id: { from: id, type: string }
    name: { from: name, type: string, optional: true }
    temp: { from: temp, type: integer, optional: true }
    seen: { from: seen, type: unix_time, optional: true }
`;

/** All beds become 25 degrees warm. */
export const warm = `filter: true
change:
  set: { temp: 25 }
  call: beds.set
  params: { id: "\${{ item.id }}", temp: "\${{ set.temp }}" }
verify: { within: 2s, every: 100ms }`;
