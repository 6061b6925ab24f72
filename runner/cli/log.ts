import { createRequire } from "node:module";
import type { Logger, pino as Pino } from "pino";
import type { Log } from "../core/model/ports.ts";
import { cleanJsonText } from "../reporters/clean.ts";
import type { LogLevel } from "./options.ts";
import type { Redactor } from "./redact.ts";

/** Members of logged objects that hold secrets wherever they stand; by value and by type they are replaced as well. */
const secretPaths = ["password", "visa", "token", "authorization", "credentials", "secret"].flatMap((name) => [
  name,
  `*.${name}`,
  `*.*.${name}`,
]);

const order: readonly LogLevel[] = ["debug", "info", "warn", "silent"];

/**
 * Diagnostics for whoever looks for a fault: JSON lines by way of `write`, free of secrets. The logger is loaded with the first
 * line that is wanted, since most commands write none.
 */
export function openLog(level: LogLevel, write: (line: string) => void, redactor: Redactor): Log {
  let logger: Logger | undefined;
  const at =
    (each: "debug" | "info" | "warn") =>
    (facts: object, message: string): void => {
      if (order.indexOf(each) < order.indexOf(level)) return;
      logger ??= load(level, (line) => write(cleanJsonText(redactor.redact(line.trimEnd()))));
      logger[each](facts, message);
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn") };
}

function load(level: LogLevel, write: (line: string) => void): Logger {
  // Synchronous, because a log line is.
  const { pino } = createRequire(import.meta.url)("pino") as { readonly pino: typeof Pino };
  const redact = { paths: secretPaths, censor: "[redacted]" };
  return pino({ level, redact, timestamp: pino.stdTimeFunctions.isoTime, base: null }, { write });
}
