import type { LoginOrigin } from './login-origin.ts';

/** What proves to a registry who asks. */
export type Credential = (
  | { readonly type: 'password'; readonly username: string; readonly password: string }
  /** A refresh token, traded for access tokens at the registry's token server (OAuth 2, `grant_type=refresh_token`). */
  | { readonly type: 'identity-token'; readonly token: string }
  /** An access token that is shown as it is. */
  | { readonly type: 'bearer'; readonly token: string }
) & {
  /** For messages; credentials that differ in it alone are the same account. */
  readonly origin?: LoginOrigin;
};

export type Purpose = 'pull' | 'push';

/**
 * Where credentials come from. `registry` is `host[:port]`, `docker.io` for Docker Hub; `repository` is `''` when no
 * repository is meant (a login check). Undefined: go on without any.
 *
 * @throws REGISTRY_UNAUTHORIZED, CREDENTIAL_HELPER, DOCKER_CONFIG_INVALID
 */
export type CredentialSource = (
  registry: string,
  repository: string,
  purpose: Purpose,
) => Promise<Credential | undefined>;
