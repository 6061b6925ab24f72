/** Names of enumerations, as the service spells them. `Undefined` and `Count` are no values. */
export const partnerStates = [
  "Registered",
  "InProduction",
  "Rejected",
  "InTrial",
  "NotActive",
  "WaitingForProduction",
  "Expired",
] as const;

export const partnerServiceTypes = ["AllInclusive", "SoftwareOnly"] as const;

export const partnerFlags = [
  "HasCustomBranding",
  "HasCustomUpdatePackages",
  "UnsubscribedFromTrialNotifications",
  "CanInvoiceOthers",
] as const;

export const partnerMailingOptions = ["IncludeAll", "IncludeOnlyRoot", "ExcludeAll"] as const;

/** What can be done to the state of a partner, and the state it is in then. */
export const partnerActions: ReadonlyMap<string, (typeof partnerStates)[number]> = new Map([
  ["Reject", "Rejected"],
  ["ApproveForTrial", "InTrial"],
  ["ApproveForProduction", "InProduction"],
  ["ApplyForProduction", "WaitingForProduction"],
  ["Deactivate", "NotActive"],
  ["Expire", "Expired"],
]);

export const userFlags = [
  "TeamViewer",
  "AuthorizedSigner",
  "Administrative",
  "Technical",
  "Sales",
  "Billing",
  "SecurityOfficer",
  "NonInteractive",
  "AllowApiAuthentication",
] as const;

export const twoFactorStates = ["Disabled", "Enabled"] as const;
