import fc from "fast-check";

/** A run tries the same examples each time, so that it fails for what was changed; `PROPERTY_SEED=` another number tries others. */
fc.configureGlobal({ seed: Number(process.env.PROPERTY_SEED ?? 20261127) });
