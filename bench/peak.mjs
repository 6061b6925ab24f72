// Preloaded into a measured process: leaves its peak memory, in bytes, in the file that ROLLCALL_BENCH_PEAK names.
import { readFileSync, writeFileSync } from "node:fs";

process.on("exit", () => writeFileSync(process.env.ROLLCALL_BENCH_PEAK, String(peakBytes())));

/** The high-water mark of this program alone; where the system does not say, that of the process, its parent's at the fork included. */
function peakBytes() {
  try {
    const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"));
    return Number(kib) * 1024;
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}
