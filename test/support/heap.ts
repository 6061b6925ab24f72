import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
const nobody = new Int32Array(new SharedArrayBuffer(4));

/** Bytes in use once everything that can be thrown away is: objects, strings and typed arrays. */
export function bytesInUse(): number {
  let bytes = collected();
  // What typed arrays of other tests held is given back by another thread, a little later.
  for (let round = 0; round < 50; round++) {
    Atomics.wait(nobody, 0, 0, 5);
    const now = collected();
    if (now >= bytes) break;
    bytes = now;
  }
  return bytes;
}

function collected(): number {
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
