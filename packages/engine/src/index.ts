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
