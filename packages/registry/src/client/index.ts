export { checkLogin } from './check-login.ts';
export { createRegistryClient } from './create-registry-client.ts';
export {
  type AuthSource,
  authFile,
  authText,
  dockerConfigFile,
  loginName,
} from './credentials/auth-config.ts';
export type { Credential, CredentialSource, Purpose } from './credentials/credential-source.ts';
export {
  createDockerConfigCredentials,
  type DockerConfigOptions,
} from './credentials/docker-config-credentials.ts';
export { defaultHelper, eraseLogin, type LoginPlace, saveLogin } from './credentials/docker-login.ts';
export { type ListedLogin, listLogins } from './credentials/list-logins.ts';
export {
  createLoginCredentials,
  type LoginOptions,
  type WantedLogin,
} from './credentials/login-credentials.ts';
export { describeLogin, type LoginKey, loginCommand } from './credentials/login-origin.ts';
export { eraseOwnLogin, type OwnLoginOptions, saveOwnLogin } from './credentials/own-login.ts';
export { normalizeRegistryKey } from './credentials/registry-key.ts';
export { type HelperResult, type SpawnHelper, spawnHelper } from './credentials/spawn-helper.ts';
export type {
  CallOptions,
  FetchedManifest,
  PushBlob,
  PushedBlob,
  RegistryClient,
  Repository,
  TagsOptions,
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
