/** The methods that exist here, exact in case. */
export const methodNames = [
  "Login",
  "EnumerateAccountStatistics",
  "GetAccountInfoById",
  "ModifyAccount",
  "RemoveAccount",
  "EnumerateProducts",
  "EnumeratePartners",
] as const;

export type MethodName = (typeof methodNames)[number];

/** The methods that change a device: the witness counts these as received, applied and in flight. */
export const changeNames: ReadonlySet<string> = new Set<MethodName>(["ModifyAccount", "RemoveAccount"]);

export function isMethodName(name: string): name is MethodName {
  return (methodNames as readonly string[]).includes(name);
}
