import { dockerConfigFile } from './auth-config.ts';
import type { CredentialSource } from './credential-source.ts';
import { createLoginCredentials } from './login-credentials.ts';
import type { SpawnHelper } from './spawn-helper.ts';

export interface DockerConfigOptions {
  /** `~/.docker/config.json`, or containers' `auth.json`. */
  readonly path: string;
  /** Runs helpers; for tests. */
  readonly spawn?: SpawnHelper;
}

/** Credentials as Docker and containers-auth.json(5) keep them: {@link createLoginCredentials} of one file. */
export function createDockerConfigCredentials({ path, ...options }: DockerConfigOptions): CredentialSource {
  return createLoginCredentials([dockerConfigFile(path)], options);
}
