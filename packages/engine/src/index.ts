export type {
  OverlayRoot,
  Sandbox,
  SandboxIo,
  SandboxMount,
  SandboxResult,
  SandboxSpec,
} from './sandbox/sandbox.ts';
