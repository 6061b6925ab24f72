const nodeMethodNames = [
  "QuerySessions",
  "QueryErrors",
  "EnumerateSessionErrorsGroupDetails",
  "QueryAudit",
  "SendAccountCommand",
] as const;

/** The methods that exist here, exact in case. */
export const methodNames = [
  "Login",
  "EnumerateAccountStatistics",
  "EnumerateAccountHistoryStatistics",
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
  "EnumerateLocations",
  "EnumerateStorages",
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
  ...nodeMethodNames,
] as const;

export type MethodName = (typeof methodNames)[number];

/** Served by the node a device lives on, and nowhere else. */
export function isOfNodes(name: MethodName): boolean {
  return (nodeMethodNames as readonly string[]).includes(name);
}

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
  "SendAccountCommand",
]);

export function isMethodName(name: string): name is MethodName {
  return (methodNames as readonly string[]).includes(name);
}
