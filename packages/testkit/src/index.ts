export { assertTagsWhole } from './assert-tags-whole.ts';
export { makeBusyboxRoot, requireBusybox } from './busybox-root.ts';
export { type CompareOptions, casesFolder, compareCase, makeCaseBase } from './compare-case.ts';
export { type Daemon, type DaemonOptions, startDaemon } from './daemon.ts';
export { type DockerEngine, startDockerEngine } from './docker-engine.ts';
export { type DockerRegistryOptions, type RegistryOptions, startDockerRegistry } from './docker-registry.ts';
export { type FaultProxy, startFaultProxy } from './fault-proxy.ts';
export { startOneBuildRegistry } from './onebuild-registry.ts';
export { type Podman, startPodman } from './podman.ts';
export {
  atMatch,
  atRequest,
  type ProxyAnswer,
  type ProxyFault,
  type ProxyRequest,
  type Script,
  withHeaders,
} from './proxy-fault.ts';
export { publishLayout } from './publish-layout.ts';
export { seededBytes, seededNumbers } from './random-bytes.ts';
export {
  type RandomImage,
  type RandomLayer,
  type RandomLayerOptions,
  randomImage,
  randomLayer,
  writeLayout,
} from './random-image.ts';
export { findProgram, requirePart, requireProgram, type Skips } from './require-program.ts';
export { type ProgramOptions, type ProgramResult, runProgram, tryProgram } from './run-program.ts';
export type { RegistryService, Service } from './service.ts';
export { type TarFile, tarFiles } from './tar-files.ts';
export { type CleansUp, temporaryFolder } from './temporary-folder.ts';
export { createTokenGate, type TokenGate } from './token-gate.ts';
