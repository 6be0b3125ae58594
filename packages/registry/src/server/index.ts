export type { BasicAuth } from './api/basic-auth.ts';
export { formatPasswordLine, parsePasswordFile } from './auth/password-file.ts';
export {
  createRegistryHandler,
  type RegistryHandler,
  type RegistryHandlerOptions,
} from './registry-handler.ts';
export { type RunningRegistry, type ServeRegistryOptions, serveRegistry } from './serve-registry.ts';
export { collectGarbage, type GarbageOptions, type GarbageReport } from './store/collect-garbage.ts';
export { type FsRegistryStore, openFsRegistryStore } from './store/fs-registry-store.ts';
export type {
  BlobShelf,
  DigestAlgorithm,
  ManifestShelf,
  NewManifest,
  OpenBlob,
  RegistryStore,
  StoredManifest,
  UploadDesk,
  UploadWriter,
} from './store/registry-store.ts';
