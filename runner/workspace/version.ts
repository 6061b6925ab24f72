import { readFileSync } from "node:fs";

/** `rollcall/0.1.0`, from the package's own manifest. */
export function toolVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  const version =
    typeof manifest === "object" && manifest !== null && "version" in manifest ? manifest.version : undefined;
  return `rollcall/${typeof version === "string" ? version : "unknown"}`;
}
