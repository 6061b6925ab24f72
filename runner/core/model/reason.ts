/** What a system error says, such as `ENOENT: no such file or directory`: without the call and the path, which messages name already. */
export function reasonOf(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return text.replace(/(,? \w+)? '[^']*'.*$/s, "").replace(/\.$/, "");
}
