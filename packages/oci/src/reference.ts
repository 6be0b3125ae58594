import type { Digest } from '@onebuild/core';

/**
 * Names content in a registry, in full form: `docker.io/library/debian:12` for `debian:12`.
 * Grammar: distribution/reference and the OCI distribution spec ("Pulling manifests").
 */
export interface Reference {
  /** `host` or `host:port`; `docker.io` where none was written. */
  readonly registry: string;
  /** `library/debian`; never starts or ends with a slash. */
  readonly repository: string;
  /** Present when written, or `latest` when neither tag nor digest was written. */
  readonly tag?: string;
  readonly digest?: Digest;
}
