export { build } from './build/build.ts';
export type {
  BuildOptions,
  BuildResult,
  ContextSource,
  LayerCompression,
  LayerTimes,
  Output,
  OutputDestination,
  SecretSource,
} from './build-options.ts';
export type {
  OverlayRoot,
  Sandbox,
  SandboxIo,
  SandboxMount,
  SandboxResult,
  SandboxSpec,
} from './sandbox/sandbox.ts';
