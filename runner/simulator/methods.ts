import {
  enumerateAccounts,
  getAccountInfoById,
  getAccountInfoByIdWithRemoved,
  modifyAccount,
  removeAccount,
} from "./accounts.ts";
import {
  enumerateCustomColumns,
  getAccountCustomColumnValues,
  updateAccountCustomColumnValues,
} from "./custom-columns-api.ts";
import { addAccountLabel, enumerateAccountIdsByLabel, enumerateAllLabels, removeAccountLabel } from "./labels-api.ts";
import { login } from "./login.ts";
import type { MethodName } from "./method-names.ts";
import { Params } from "./params.ts";
import {
  changePartnerState,
  enumerateAncestorPartners,
  enumeratePartners,
  getPartnerInfo,
  getPartnerInfoById,
  modifyPartner,
} from "./partners-api.ts";
import { enumerateProducts } from "./products-api.ts";
import { enumerateAccountProfiles, getAccountProfileInfo, modifyAccountProfile } from "./profiles-api.ts";
import { queryAudit, sendAccountCommand } from "./commands-api.ts";
import { enumerateSessionErrorsGroupDetails, queryErrors, querySessions } from "./sessions-api.ts";
import { enumerateLocations, enumerateStorages } from "./storages-api.ts";
import { enumerateAccountHistoryStatistics, enumerateAccountStatistics } from "./statistics.ts";
import { addUser, enumerateUsers, getUserInfoById, modifyUser, removeUser } from "./users-api.ts";
import type { Done, Method } from "./world.ts";

/**
 * Run one method.
 * @throws ApiError when the service refuses.
 */
export function runMethod(name: MethodName, ...[world, params, bend]: Parameters<Method>): Done {
  const { run, params: known } = methods[name];
  if (world.strictParams) new Params(params).refuseUnknown(known);
  return run(world, params, bend);
}

const own = ["accountId", "account", "token"];
const force = "forceRemoveCustomColumnValuesInOldScope";

/** Every method with the parameters it knows. */
const methods: Readonly<Record<MethodName, { readonly run: Method; readonly params: readonly string[] }>> = {
  Login: { run: login, params: ["partner", "username", "password"] },
  EnumerateAccountStatistics: { run: enumerateAccountStatistics, params: ["query"] },
  EnumerateAccountHistoryStatistics: { run: enumerateAccountHistoryStatistics, params: ["timeslice", "query"] },
  EnumerateAccounts: { run: enumerateAccounts, params: ["partnerId"] },
  GetAccountInfoById: { run: getAccountInfoById, params: ["accountId"] },
  ModifyAccount: { run: modifyAccount, params: ["accountInfo", force] },
  RemoveAccount: { run: removeAccount, params: ["accountId"] },
  GetAccountInfoByIdWithRemoved: { run: getAccountInfoByIdWithRemoved, params: ["accountId"] },
  AddAccountLabel: { run: addAccountLabel, params: ["accountIdCollection", "labelCollection"] },
  RemoveAccountLabel: { run: removeAccountLabel, params: ["accountIdCollection", "labelCollection"] },
  EnumerateAccountIdsByLabel: { run: enumerateAccountIdsByLabel, params: ["label"] },
  EnumerateAllLabels: { run: enumerateAllLabels, params: [] },
  EnumerateCustomColumns: { run: enumerateCustomColumns, params: ["partnerId"] },
  GetAccountCustomColumnValues: { run: getAccountCustomColumnValues, params: ["accountId"] },
  UpdateAccountCustomColumnValues: { run: updateAccountCustomColumnValues, params: ["accountId", "values"] },
  EnumerateAccountProfiles: { run: enumerateAccountProfiles, params: ["partnerId"] },
  GetAccountProfileInfo: { run: getAccountProfileInfo, params: ["accountProfileId"] },
  ModifyAccountProfile: { run: modifyAccountProfile, params: ["accountProfileInfo"] },
  EnumerateProducts: { run: enumerateProducts, params: ["partnerId", "currentPartnerOnly"] },
  EnumerateLocations: { run: enumerateLocations, params: [] },
  EnumerateStorages: { run: enumerateStorages, params: ["partnerId"] },
  EnumeratePartners: { run: enumeratePartners, params: ["parentPartnerId", "fetchRecursively", "fields"] },
  EnumerateAncestorPartners: { run: enumerateAncestorPartners, params: ["partnerId"] },
  GetPartnerInfo: { run: getPartnerInfo, params: ["name"] },
  GetPartnerInfoById: { run: getPartnerInfoById, params: ["partnerId"] },
  ModifyPartner: { run: modifyPartner, params: ["partnerInfo", force] },
  ChangePartnerState: { run: changePartnerState, params: ["partnerId", "action", "reason"] },
  EnumerateUsers: { run: enumerateUsers, params: ["partnerIds"] },
  GetUserInfoById: { run: getUserInfoById, params: ["userId"] },
  AddUser: { run: addUser, params: ["userInfo"] },
  ModifyUser: { run: modifyUser, params: ["userInfo"] },
  RemoveUser: { run: removeUser, params: ["userId"] },
  QuerySessions: { run: querySessions, params: [...own, "query", "orderBy", "range", "visa"] },
  QueryErrors: { run: queryErrors, params: [...own, "sessionId", "query", "orderBy", "groupId", "range"] },
  EnumerateSessionErrorsGroupDetails: {
    run: enumerateSessionErrorsGroupDetails,
    params: [...own, "sessionId", "query", "orderBy", "groupId"],
  },
  QueryAudit: { run: queryAudit, params: [...own, "query", "orderBy", "range"] },
  SendAccountCommand: { run: sendAccountCommand, params: ["account", "token", "command", "parameters"] },
};
