import { formatPlatform, type Platform } from '@onebuild/oci';

/** Arguments that BuildKit sets by itself ("Automatic platform ARGs in the global scope"): known to FROM, and to stages that declare them. */
export function platformArgs(
  build: Platform,
  target: Platform,
  targetStage: string,
): Readonly<Record<string, string>> {
  return {
    BUILDPLATFORM: formatPlatform(build),
    BUILDOS: build.os,
    BUILDOSVERSION: build['os.version'] ?? '',
    BUILDARCH: build.architecture,
    BUILDVARIANT: build.variant ?? '',
    TARGETPLATFORM: formatPlatform(target),
    TARGETOS: target.os,
    TARGETOSVERSION: target['os.version'] ?? '',
    TARGETARCH: target.architecture,
    TARGETVARIANT: target.variant ?? '',
    TARGETSTAGE: targetStage,
  };
}

/** Variables that need no ARG: RUN sees them when they are given, and no key or layer keeps them. */
export const proxyArgs: readonly string[] = [
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'FTP_PROXY',
  'NO_PROXY',
  'ALL_PROXY',
].flatMap((name) => [name, name.toLowerCase()]);
