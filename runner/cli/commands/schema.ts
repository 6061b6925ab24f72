import { readFile } from "node:fs/promises";
import type { Io } from "../io.ts";
import { defineCommand, oneOf } from "../options.ts";

type SchemaName = "plan" | "config" | "test" | "policy";

export const command = defineCommand<Record<string, never>, [SchemaName]>({
  sentence: "Print the JSON Schema of plans, the config, plan tests or the policy, for editors",
  parameters: {
    flags: {},
    positional: {
      kind: "tuple",
      parameters: [
        {
          ...oneOf("plan", "config", "test", "policy"),
          brief: "Of which file: plan, config, test or policy",
          placeholder: "NAME",
        },
      ],
    },
  },
  run: schema,
});

/** Print a schema as the package has it. */
async function schema(io: Io, _flags: Record<string, never>, name: SchemaName): Promise<number> {
  io.stdout.write(await readFile(new URL(`../../../schemas/${name}.schema.json`, import.meta.url), "utf8"));
  return 0;
}
