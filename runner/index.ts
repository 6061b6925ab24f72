import type { NamedProvider } from "./core/model/ports.ts";
import type { OpenOptions, Workspace } from "./workspace.ts";

// The library: everything another program may import, and nothing else. What is exported here is kept stable.
// Importing it loads next to nothing; each verb loads its own code when it is first used.

export { itemId } from "./core/model/item.ts";
export {
  ConnectError,
  exitCodes,
  GuardError,
  IncompleteError,
  PlanError,
  RecordError,
  RunnerError,
} from "./core/model/errors.ts";

export type { Approved } from "./core/model/approval.ts";
export type {
  Linted,
  LoadedChangeSet,
  LoadedPlan,
  Notifier,
  OpenOptions,
  Untold,
  UnusableWebhook,
  Workspace,
} from "./workspace.ts";
export type {
  ApplyOptions,
  ApprovalQuestion,
  ApproveOptions,
  CheckOptions,
  Consent,
  ConsentAnswer,
  ConsentQuestion,
  InputOptions,
  PreviewOptions,
  ProbeOptions,
  ProbeQuestion,
  RehearseOptions,
  RerunOptions,
  RunOptions,
  SaveOptions,
  UndoOptions,
  Asking,
} from "./workspace/options.ts";
export type {
  ApprovalFound,
  ApprovalGiven,
  ApprovalReport,
  AuditReport,
  ProbeReport,
  Answered,
} from "./workspace/reports.ts";
export type { Cause, ItemReport, RunReport, RunSummary, Worker } from "./core/model/told.ts";
export type {
  Asked,
  Clock,
  Connection,
  DescribedList,
  Exchange,
  ListRequest,
  Log,
  NamedProvider,
  Outside,
  Provider,
  Reading,
  ShownExchange,
  WriteOptions,
} from "./core/model/ports.ts";
export type { PaceAsk, PaceChange, PaceGrant, RateSource, ThrottleSign } from "./core/model/pace-ports.ts";
export type { Waits } from "./core/model/run-ports.ts";
export type {
  AnswerFacts,
  Catalogue,
  Confidence,
  DescribedFacts,
  Encoded,
  EncodingFault,
  FieldFacts,
  FilterFault,
  ListFacts,
  MemberFacts,
  MethodFacts,
  ParamFacts,
  ScalarKind,
  Shape,
} from "./core/model/catalogue.ts";
export type {
  AttestationReport,
  AuditOptions,
  ExportFormat,
  LogEntry,
  LogQuery,
  LogReport,
  PackCheckOptions,
  PackCheckReport,
  PackOptions,
  PackReport,
  SignatureReport,
  Signing,
} from "./core/model/evidence.ts";
export type { Repeat, Request, Route, SecretText } from "./core/model/change.ts";
export type { ErrorCode } from "./core/model/errors.ts";
export type {
  ChangeFacts,
  ControlOp,
  Fact,
  FactOf,
  GroupSize,
  LedgerRecord,
  Note,
  Owner,
  PauseReason,
  Person,
  RunEvent,
  ServiceFacts,
} from "./core/model/events.ts";
export type {
  Also,
  AlsoCause,
  AlsoChanged,
  AlsoGroup,
  AlsoTotals,
  Collateral,
  Shift,
} from "./core/model/collateral.ts";
export type {
  BaselineReport,
  CheckReport,
  ClausePlace,
  DifferenceCause,
  DifferenceGroup,
  DifferenceSide,
  ExplainedRun,
  ItemExplanation,
  JudgedClause,
  Judgement,
  NamedItem,
  NearMissGroup,
  NearMissReport,
  Proposal,
  SelectionDifference,
  SentCall,
} from "./core/model/explained.ts";
export type {
  Absences,
  Gone,
  GuardResult,
  LookupCount,
  PreviewRow,
  Refusal,
  SelectionCounts,
  StopsAt,
  Warned,
} from "./core/model/preview.ts";
export type { Origin, Undone } from "./core/model/origin.ts";
export type { Digest, Fields, Item, ItemId, RunId, Value } from "./core/model/item.ts";
export type {
  Answer,
  Counts,
  Failure,
  FailureClass,
  ItemState,
  NotStartedReason,
  Outcome,
  Seen,
} from "./core/model/outcome.ts";
export type { Notice, NoticeEvent } from "./core/model/notice.ts";
export type { Plan } from "./core/model/plan.ts";
export type { Login } from "./core/model/frozen.ts";
export type { Page, Paging } from "./core/model/listing.ts";
export type { Problem, Severity } from "./core/model/problem.ts";
export type {
  FaultProfile,
  Rehearsal,
  RehearsalFaults,
  RehearsedGate,
  RehearsedGateResult,
  RehearsedLatency,
  RehearsedLimit,
  RehearsedList,
  RehearsedWave,
} from "./core/model/rehearsed.ts";
export type {
  ColumnEntry,
  EnumEntry,
  ErrorEntry,
  Known,
  MethodEntry,
  Reference,
  StructEntry,
} from "./core/model/reference.ts";
export type { SavedHeader } from "./core/model/saved.ts";
export type { Mismatch, TestedCase, TestedFile } from "./core/model/tested.ts";
export type { Secret } from "./core/model/secret.ts";
export type { Credentials, Limits, Service } from "./core/model/service.ts";
export type { FieldSpec, FieldType, ShownAs, Unit } from "./core/model/values.ts";

/**
 * Open the workspace of a folder: its config, its services, its runs. Nothing is sent and nothing is written yet.
 * @throws {PlanError} `config`, with every problem of the config. @throws {RunnerError} `usage` for a kind that can not be.
 */
export async function openWorkspace(options: OpenOptions = {}): Promise<Workspace> {
  return (await import("./workspace.ts")).openWorkspace(options);
}

/**
 * A kind of service of your own. Given to `openWorkspace({ providers: [acme] })`, it serves every service whose config says
 * `kind: acme`. Only gives the object its type: what is wrong with it shows when the workspace is opened.
 */
export function defineProvider(provider: NamedProvider): NamedProvider {
  return provider;
}
