import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { startSimulator } from "../../runner/simulator/server.ts";
import { aliasPlan } from "../support/alias-plan.ts";
import { configFor, rollcall } from "../support/cli.ts";
import { newFolder } from "../support/runs.ts";

/** Every way of writing it down looks otherwise. */
const secret = 'q"uö/te\\ 7&=+%';
const forms = [
  secret,
  JSON.stringify(secret).slice(1, -1),
  JSON.stringify(JSON.stringify(secret).slice(1, -1)).slice(1, -1),
  encodeURIComponent(secret),
  encodeURIComponent(secret).replaceAll("%20", "+"),
  Buffer.from(secret).toString("base64").replace(/=+$/, ""),
  Buffer.from(secret).toString("base64url"),
  Buffer.from(secret).toString("hex"),
];

it("a secret of a plan is in nothing that explain and check say, in no way of writing it", async () => {
  await using simulator = await startSimulator({
    devices: 60,
    faults: [
      { method: "ModifyAccount", nth: 2, fault: "error", data: 13501, message: `alias 'it is ${secret}' refused` },
      { method: "ModifyAccount", nth: 4, fault: "reset-after" },
    ],
  });
  const cwd = newFolder();
  const limits = "    late: 200ms\n    lag: { list: 200ms, by_id: 0s }\n    limits: { timeout: 500ms }\n";
  writeFileSync(join(cwd, "rollcall.config.yaml"), configFor(simulator.url, limits));
  const plan = { secrets: ["word"], alias: "it is ${{ inputs.word }}", filter: 'item.device_name != "nobody"' };
  writeFileSync(join(cwd, "plan.yaml"), aliasPlan(simulator.rootPartner, plan));
  const env = { ROLLCALL_INPUT_WORD: secret, XDG_CONFIG_HOME: join(cwd, "xdg") };
  const targets = simulator.ids().filter((id) => simulator.device(id)?.productId === 3);
  const applied = await rollcall(["apply", "plan.yaml", "--yes", "--json"], { cwd, env });
  expect(applied.exit, applied.stderr).toBe(6);
  // Whichever request came second was refused.
  expect(targets.map((one) => simulator.device(one)?.nameAlias)).toContain(`it is ${secret}`);

  // What is explained from a folder needs no secret; what reads a list has it at hand.
  const offline = { cwd, env: { XDG_CONFIG_HOME: join(cwd, "xdg") } };
  const items = targets.slice(0, 6).map(String);
  const said: string[] = [];
  const say = async (words: readonly string[], around: { cwd: string; env: Record<string, string> }): Promise<void> => {
    const { exit, stdout, stderr } = await rollcall([...words, "--log-level", "debug"], around);
    expect([0, 2], stderr).toContain(exit);
    said.push(stdout + stderr);
  };
  for (const item of items)
    await say(["explain", "latest", item, ...(said.length % 2 === 0 ? ["--json"] : [])], offline);
  await say(["explain", "latest"], offline);
  await say(["explain", "plan.yaml", items[0] ?? ""], { cwd, env });
  await say(["explain", "latest", "--against", "last"], offline);
  await say(["check", "plan.yaml"], { cwd, env });
  await say(["check", "plan.yaml", "--json"], { cwd, env });
  const everything = said.join("\n");
  expect(everything).toContain("[secret]");
  expect(everything).toContain('{"$secret":["it is ",{"input":"word"}]}');
  expect(everything).toContain("[redacted]");
  for (const form of forms) expect(everything.includes(form), form).toBe(false);
}, 60_000);
