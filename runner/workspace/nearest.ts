// What somebody may have meant is found for the command line as it is for plans.
export { nearest } from "../language/suggest.ts";
