/** The methods that exist here, exact in case. */
export const methodNames = [
  "Login",
  "EnumerateAccountStatistics",
  "EnumerateAccounts",
  "GetAccountInfoById",
  "ModifyAccount",
  "RemoveAccount",
  "GetAccountInfoByIdWithRemoved",
  "AddAccountLabel",
  "RemoveAccountLabel",
  "EnumerateAccountIdsByLabel",
  "EnumerateAllLabels",
  "EnumerateCustomColumns",
  "GetAccountCustomColumnValues",
  "UpdateAccountCustomColumnValues",
  "EnumerateAccountProfiles",
  "GetAccountProfileInfo",
  "ModifyAccountProfile",
  "EnumerateProducts",
  "EnumeratePartners",
  "EnumerateAncestorPartners",
  "GetPartnerInfo",
  "GetPartnerInfoById",
  "ModifyPartner",
  "ChangePartnerState",
  "EnumerateUsers",
  "GetUserInfoById",
  "AddUser",
  "ModifyUser",
  "RemoveUser",
] as const;

export type MethodName = (typeof methodNames)[number];

/** The methods that change something: the witness counts these as received, applied and in flight. */
export const changeNames: ReadonlySet<string> = new Set<MethodName>([
  "ModifyAccount",
  "RemoveAccount",
  "AddAccountLabel",
  "RemoveAccountLabel",
  "UpdateAccountCustomColumnValues",
  "ModifyAccountProfile",
  "ModifyPartner",
  "ChangePartnerState",
  "AddUser",
  "ModifyUser",
  "RemoveUser",
]);

export function isMethodName(name: string): name is MethodName {
  return (methodNames as readonly string[]).includes(name);
}
