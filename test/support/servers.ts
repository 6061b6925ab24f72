import { aria2 } from "./servers/aria2.ts";
import { deluge } from "./servers/deluge.ts";
import { nzbget } from "./servers/nzbget.ts";
import type { Program } from "./servers/program.ts";
import { snapserver } from "./servers/snapserver.ts";
import { transmission } from "./servers/transmission.ts";
import { tryton } from "./servers/tryton.ts";

/** Every server of somebody else's that Rollcall is tried on. What each really answers stands with it. */
export const programs: readonly Program[] = [aria2, deluge, nzbget, snapserver, transmission, tryton];
