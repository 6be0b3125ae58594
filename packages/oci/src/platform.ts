import { fault, suggest } from '@onebuild/core';

/** OCI image spec, image-index.md#image-index-property-descriptions: `os`, `architecture` and `variant` in Go's words. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
  readonly 'os.version'?: string;
  readonly 'os.features'?: readonly string[];
}

const systems =
  'aix android darwin dragonfly freebsd hurd illumos ios js linux netbsd openbsd plan9 solaris wasi windows'.split(
    ' ',
  );
const architectures =
  '386 amd64 arm arm64 loong64 mips mipsle mips64 mips64le ppc64 ppc64le riscv64 s390x wasm'.split(' ');

/** Other words for an architecture (containerd/platforms, `normalizeArch`), each with the variant that it implies. */
const otherNames: Readonly<Record<string, readonly [architecture: string, variant?: string]>> = {
  i386: ['386'],
  i686: ['386'],
  x86_64: ['amd64'],
  'x86-64': ['amd64'],
  x64: ['amd64'],
  aarch64: ['arm64'],
  armhf: ['arm', 'v7'],
  armel: ['arm', 'v6'],
};

/**
 * Reads `os/architecture[/variant]`, or an architecture alone (then `os` is linux), into the one form that is compared:
 * `x86_64` is `amd64`, `arm64/v8` is `arm64`, `arm` is `arm/v7`. With `host`, an `os` alone and `local` are read too.
 * @throws PLATFORM_INVALID
 */
export function parsePlatform(text: string, host?: Platform): Platform {
  const parts = text.trim().toLowerCase().split('/');
  if (text.length > 100 || parts.length > 3 || !parts.every((part) => /^[\w.-]+$/.test(part))) {
    throw fault('PLATFORM_INVALID', `${JSON.stringify(text.slice(0, 100))} is not a platform`);
  }
  const [first = '', second, variant = ''] = parts;
  if (second !== undefined) return known(normalise(first, second, variant), text);
  if (host && first === 'local') return host;
  if (systems.includes(first) || first === 'macos') {
    if (host) return known(normalise(first, host.architecture, host.variant ?? ''), text);
    throw fault('PLATFORM_INVALID', `the platform ${JSON.stringify(text)} has no architecture`);
  }
  return known(normalise('linux', first, ''), text);
}

/** `linux/arm64`, `linux/arm/v7` */
export function formatPlatform(platform: Platform): string {
  const { os, architecture, variant } = platform;
  return variant ? `${os}/${architecture}/${variant}` : `${os}/${architecture}`;
}

/** Whether both name the same platform, however they are written; `os.version` and `os.features` are not compared. */
export function samePlatform(one: Platform, other: Platform): boolean {
  return formatPlatform(normalisePlatform(one)) === formatPlatform(normalisePlatform(other));
}

/** The one form of a platform that came from a manifest or config; unknown names stay as they are. */
export function normalisePlatform(platform: Platform): Platform {
  const { os, architecture, variant, ...rest } = platform;
  return {
    ...normalise(os.toLowerCase(), architecture.toLowerCase(), variant?.toLowerCase() ?? ''),
    ...rest,
  };
}

/** Linux on the processor that `process.arch` names. */
export function hostPlatform(arch: string): Platform {
  const names: Readonly<Record<string, string>> = {
    x64: 'amd64',
    ia32: '386',
    ppc64: 'ppc64le',
    mipsel: 'mipsle',
  };
  return parsePlatform(`linux/${names[arch] ?? arch}`);
}

function normalise(os: string, architecture: string, variant: string): Platform {
  const other = Object.hasOwn(otherNames, architecture) ? otherNames[architecture] : undefined;
  const [name, implied] = other ?? [architecture];
  const kept = normaliseVariant(name, implied ?? variant);
  return { os: os === 'macos' ? 'darwin' : os, architecture: name, ...(kept !== '' && { variant: kept }) };
}

function normaliseVariant(architecture: string, variant: string): string {
  const written = /^\d+$/.test(variant) && architecture.startsWith('arm') ? `v${variant}` : variant;
  if (architecture === 'arm') return written || 'v7';
  if (architecture === 'arm64' && written === 'v8') return '';
  if (architecture === 'amd64' && written === 'v1') return '';
  return written;
}

function known(platform: Platform, text: string): Platform {
  const { os, architecture } = platform;
  const hint = (word: string, words: readonly string[]) => {
    const meant = suggest(word, words);
    return meant ? { hint: `Did you mean \`${meant}\`?` } : {};
  };
  if (!systems.includes(os)) {
    const what = `${JSON.stringify(text)} is not a platform: unknown operating system ${JSON.stringify(os)}`;
    throw fault('PLATFORM_INVALID', what, hint(os, systems));
  }
  if (!architectures.includes(architecture)) {
    const what = `${JSON.stringify(text)} is not a platform: unknown architecture ${JSON.stringify(architecture)}`;
    throw fault('PLATFORM_INVALID', what, hint(architecture, [...architectures, ...Object.keys(otherNames)]));
  }
  return platform;
}
