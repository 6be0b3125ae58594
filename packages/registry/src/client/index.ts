export type {
  CallOptions,
  FetchedManifest,
  PushBlob,
  PushedBlob,
  RegistryClient,
  Repository,
  TransferOptions,
} from './registry-client.ts';
