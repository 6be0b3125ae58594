export { build, buildAll } from './build/build.ts';
export { type BuildRecord, lastBuild, type RecordedStep } from './build/build-record.ts';
export { type BuildPlan, type PlannedBox, type PlannedStep, plan } from './build/plan.ts';
export type {
  BuildAllOptions,
  BuildAllResult,
  BuildOptions,
  BuildResult,
  CacheLocation,
  CacheSource,
  CacheTarget,
  ContextSource,
  LayerCompression,
  LayerTimes,
  NamedContextSource,
  Output,
  OutputDestination,
  PlatformResult,
  SecretSource,
  SharedOptions,
  SharingReport,
  TargetOptions,
  TargetResult,
  TargetSource,
} from './build-options.ts';
export type { CachePlace } from './cache/cache-place.ts';
export type { CacheAccount } from './cache/cache-record.ts';
export { type OpenPlaceOptions, openPlace } from './cache/open-place.ts';
export {
  type CacheStats,
  type CacheTotals,
  cacheStats,
  localCacheStats,
} from './cache-tools/cache-stats.ts';
export { type CacheListing, type CachePart, type ListedMount, listCache } from './cache-tools/list-cache.ts';
export { type PruneCacheOptions, type PrunedCache, pruneCache } from './cache-tools/prune-cache.ts';
export {
  type CacheDamage,
  type VerifiedCache,
  type VerifyCacheOptions,
  type VerifyProgress,
  verifyCache,
} from './cache-tools/verify-cache.ts';
export type { MachineCheck, MachineReport } from './probe/machine-report.ts';
export { type ProbeOptions, probeMachine } from './probe/probe-machine.ts';
export type {
  OverlayRoot,
  Sandbox,
  SandboxIo,
  SandboxMount,
  SandboxResult,
  SandboxSpec,
} from './sandbox/sandbox.ts';
export { isGitContext } from './source/git-url.ts';
export { type Collected, type CollectOptions, collectStore } from './store/collect-store.ts';
export { type KindUsage, type StoreUsage, storeUsage } from './store/store-usage.ts';
export { makeTempFolder } from './store/temp-folder.ts';
export { type Verified, verifyStore } from './store/verify-store.ts';
