export { checkLogin } from './check-login.ts';
export { createRegistryClient } from './create-registry-client.ts';
export type { Credential, CredentialSource, Purpose } from './credentials/credential-source.ts';
export {
  createDockerConfigCredentials,
  type DockerConfigOptions,
} from './credentials/docker-config-credentials.ts';
export { eraseLogin, type LoginPlace, saveLogin } from './credentials/docker-login.ts';
export { type HelperResult, type SpawnHelper, spawnHelper } from './credentials/spawn-helper.ts';
export type {
  CallOptions,
  FetchedManifest,
  PushBlob,
  PushedBlob,
  RegistryClient,
  Repository,
  TransferOptions,
} from './registry-client.ts';
export type {
  ClientCertificate,
  Mirror,
  ProxyOptions,
  RegistryClientOptions,
  RetryOptions,
  TimeoutOptions,
} from './registry-client-options.ts';
