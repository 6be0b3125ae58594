import type { Digest } from '@onebuild/core';
import type { Platform } from './platform.ts';

/** Points at content: OCI image spec, descriptor.md. `size` in bytes, of the content as stored (compressed). */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
  readonly urls?: readonly string[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly platform?: Platform;
  readonly artifactType?: string;
  /** Base64 of the content, embedded. */
  readonly data?: string;
}
