import { buildRouteMap } from "@stricli/core";
import type { Context } from "../verbs.ts";
import { attestCommand, verifyAttestationCommand } from "./audit/attest.ts";
import { exportCommand } from "./audit/export.ts";
import { logCommand } from "./audit/log.ts";
import { packCommand, verifyPackCommand } from "./audit/pack.ts";
import { verifyCommand } from "./audit/verify.ts";

export const command = buildRouteMap<
  "verify" | "log" | "export" | "attest" | "verifyAttestation" | "pack" | "verifyPack",
  Context
>({
  routes: {
    verify: verifyCommand,
    log: logCommand,
    export: exportCommand,
    attest: attestCommand,
    verifyAttestation: verifyAttestationCommand,
    pack: packCommand,
    verifyPack: verifyPackCommand,
  },
  docs: { brief: "Check, search, sign and export the records of runs" },
});
