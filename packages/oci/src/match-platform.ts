import type { Descriptor } from './descriptor.ts';
import { formatPlatform, normalisePlatform, type Platform } from './platform.ts';

/**
 * The entry of an index that runs best on `wanted`: the same platform, else the nearest older variant (arm v8 to v5,
 * amd64 v4 to v2, then plain amd64), else an entry that names no platform. Attestations (`unknown/unknown`) never match.
 */
export function matchPlatform(manifests: readonly Descriptor[], wanted: Platform): Descriptor | undefined {
  const target = normalisePlatform(wanted);
  const candidates = manifests.filter((manifest) => manifest.platform !== undefined);
  for (const name of acceptable(target)) {
    const fitting = candidates.filter(
      ({ platform }) => platform && formatPlatform(normalisePlatform(platform)) === name,
    );
    const exact = fitting.find(({ platform }) => platform?.['os.version'] === target['os.version']);
    if (exact ?? fitting[0]) return exact ?? fitting[0];
  }
  return manifests.find((manifest) => manifest.platform === undefined && !isAttestation(manifest));
}

function isAttestation(manifest: Descriptor): boolean {
  return manifest.annotations?.['vnd.docker.reference.type'] !== undefined;
}

/** Platforms that run on `target`, best first, as {@link formatPlatform} writes them. */
function acceptable(target: Platform): string[] {
  const { os, architecture, variant = '' } = target;
  const level = /^v(\d)$/.exec(variant)?.[1];
  const lowest = architecture === 'arm' ? 5 : architecture === 'amd64' ? 2 : undefined;
  const names = [formatPlatform(target)];
  if (level === undefined || lowest === undefined) return names;
  for (let lower = Number(level) - 1; lower >= lowest; lower--) {
    names.push(`${os}/${architecture}/v${lower}`);
  }
  return architecture === 'amd64' ? [...names, `${os}/amd64`] : names;
}
