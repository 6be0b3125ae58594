import type { Digest } from '@onebuild/core';
import type { ReportedTarget, TargetOrigin } from './outputs-report.ts';

/** A digest of one digit. */
export function sampleDigest(digit: string): Digest {
  return `sha256:${digit.repeat(64)}` as Digest;
}

/** A target with an image under `tags`, for these platforms. */
export function sampleTarget(
  origin: TargetOrigin,
  tags: readonly string[],
  platforms: readonly string[] = ['linux/amd64'],
): ReportedTarget {
  return {
    ...origin,
    images: [
      {
        digest: sampleDigest(platforms.length > 1 ? '0' : '1'),
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        platforms,
        size: 2048,
        names: tags,
        outputs: ['push'],
        sentBytes: 1024,
        reusedBytes: 512,
      },
    ],
    platforms: platforms.map((platform, at) => ({
      platform,
      digest: sampleDigest(`${at + 1}`),
      size: 2048,
      sentBytes: 1024,
      ms: 1234,
    })),
  };
}
