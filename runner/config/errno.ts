/** The name of a system error, such as `ENOENT`. */
export function errnoText(error: unknown): string {
  const code = (error as { readonly code?: unknown }).code;
  return typeof code === "string" ? code : "unknown";
}
