export type { Brand, Digest, StepId } from './brand.ts';
export { type CatalogEntry, type ErrorCode, type ErrorKind, errorCatalog } from './error-catalog.ts';
export {
  type FaultOptions,
  fault,
  isFault,
  OneBuildError,
  type SourceLocation,
  toFault,
  withFact,
  withLocation,
} from './errors.ts';
export type {
  BoxReport,
  BuildEvent,
  BuildFact,
  BuildReport,
  CacheMountReport,
  CacheReport,
  BuiltImage,
  EmitFact,
  ErrorRecord,
  StepStatus,
} from './events.ts';
export { type Clock, type Log, silentLog } from './ports.ts';
export { redact, redactUrls, registerSecret } from './redact.ts';
export { suggest } from './suggest.ts';
