import { type Digest, fault, isFault } from '@onebuild/core';
import { parseDigest } from './digest.ts';

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

export const longestText = 1024;
const longestRegistry = 261;
const longestRepository = 255;

const hostPattern =
  /^(?:\[[0-9a-fA-F:]+\]|[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*)(?::([0-9]{1,5}))?$/;
const repositoryPattern =
  /^[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*)*$/;
const tagPattern = /^\w[\w.-]{0,127}$/;

/**
 * Reads what users write after FROM and `-t`, as Docker does: no registry means `docker.io`, no folder there means
 * `library/`, neither tag nor digest means `latest`. Tag and digest may both be given.
 * @throws REFERENCE_INVALID
 */
export function parseReference(text: string): Reference {
  if (text === '') throw invalid(text, 'it is empty');
  if (text.length > longestText) throw invalid(text, `it is longer than ${longestText} characters`);
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(text)?.[0];
  if (scheme) throw invalid(text, 'it starts like a URL', `Leave out \`${scheme}\`.`);
  if (/^[0-9a-f]{64}$/.test(text)) {
    throw invalid(text, 'it is an image ID', 'Name the image, for example `name@sha256:...`.');
  }
  const [named, digest] = splitDigest(text);
  const [name, tag] = splitTag(named, text);
  const [registry, repository] = splitRegistry(name);
  checkRegistry(registry, text);
  checkRepository(repository, text);
  const kept = tag ?? (digest === undefined ? 'latest' : undefined);
  return Object.freeze({
    registry,
    repository,
    ...(kept !== undefined && { tag: kept }),
    ...(digest !== undefined && { digest }),
  });
}

/** The full form: `docker.io/library/debian:12`, with tag and digest where the reference has them. */
export function formatReference(reference: Reference): string {
  return `${reference.registry}/${reference.repository}${suffix(reference)}`;
}

/** The short form that Docker shows: `debian:12`, `user/app:1`; reads back as the same reference. */
export function familiarReference(reference: Reference): string {
  const { registry, repository } = reference;
  if (registry !== 'docker.io') return formatReference(reference);
  const short = /^library\/[^/]+$/.test(repository) ? repository.slice('library/'.length) : repository;
  const [backRegistry, backRepository] = splitRegistry(short);
  const same = backRegistry === registry && backRepository === repository && !/^[0-9a-f]{64}$/.test(short);
  return same ? short + suffix(reference) : formatReference(reference);
}

function suffix({ tag, digest }: Reference): string {
  return `${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

function splitDigest(text: string): [named: string, digest: Digest | undefined] {
  const at = text.indexOf('@');
  if (at < 0) return [text, undefined];
  try {
    return [text.slice(0, at), parseDigest(text.slice(at + 1))];
  } catch (error) {
    if (!isFault(error)) throw error;
    throw invalid(text, error.message, error.hint);
  }
}

function splitTag(named: string, text: string): [name: string, tag: string | undefined] {
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1);
  if (colon < 0) return [named, undefined];
  const tag = named.slice(colon + 1);
  if (!tagPattern.test(tag)) {
    throw invalid(
      text,
      `${JSON.stringify(tag)} is not a tag`,
      'A tag has 1 to 128 letters, digits, `_`, `.` or `-`, and starts with none of the last two.',
    );
  }
  return [named.slice(0, colon), tag];
}

/** The part before the first slash is a registry when it has a dot, a colon or a capital, or is `localhost`. */
function splitRegistry(name: string): [registry: string, repository: string] {
  const slash = name.indexOf('/');
  const first = name.slice(0, Math.max(slash, 0));
  const named = slash >= 0 && (/[.:A-Z]/.test(first) || first === 'localhost');
  const registry = !named || first === 'index.docker.io' ? 'docker.io' : first;
  const rest = named ? name.slice(slash + 1) : name;
  return [registry, registry === 'docker.io' && !rest.includes('/') ? `library/${rest}` : rest];
}

function checkRegistry(registry: string, text: string): void {
  const match = registry.length > longestRegistry ? null : hostPattern.exec(registry);
  if (match && Number(match[1] ?? 1) <= 65535 && match[1] !== '0') return;
  throw invalid(text, `${JSON.stringify(registry)} is not a registry's host or host:port`);
}

function checkRepository(repository: string, text: string): void {
  if (repository.length > longestRepository) {
    throw invalid(text, `the repository is longer than ${longestRepository} characters`);
  }
  if (repositoryPattern.test(repository)) return;
  const lower = repository.toLowerCase();
  if (lower !== repository && repositoryPattern.test(lower)) {
    throw invalid(
      text,
      'the repository has capital letters',
      `Write it in lower case: \`${lower.replace(/^library\//, '')}\`.`,
    );
  }
  throw invalid(
    text,
    `${JSON.stringify(repository)} is not a repository`,
    'Its parts have lower-case letters and digits, with single `.`, `_`, `__` or `-` between them.',
  );
}

function invalid(text: string, why: string, hint?: string) {
  const shown = JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}...` : text);
  return fault('REFERENCE_INVALID', `${shown} is not an image reference: ${why}`, hint ? { hint } : {});
}
