import { toolVersion } from "../../workspace/version.ts";
import type { Io } from "../io.ts";
import { defineCommand } from "../options.ts";

export const command = defineCommand<Record<string, never>, []>({
  sentence: "Print the version",
  parameters: { flags: {} },
  run: version,
});

/** Print name and version of this package. */
function version(io: Io): Promise<number> {
  io.stdout.write(`${toolVersion().replace("/", " ")}\n`);
  return Promise.resolve(0);
}
