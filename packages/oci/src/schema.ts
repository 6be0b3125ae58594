import { type Digest, fault } from '@onebuild/core';
import * as v from 'valibot';
import { canonicalJson } from './canonical-json.ts';
import { isDigest } from './digest.ts';
import type { ImageConfig, Index, Manifest } from './manifest.ts';
import { mediaTypes } from './media-types.ts';

/** What containerd and the registries take at most. */
export const largestManifest = 4 * 1024 * 1024;
export const largestConfig = 8 * 1024 * 1024;

export type ParsedManifest =
  | { readonly kind: 'manifest'; readonly value: Manifest }
  | { readonly kind: 'index'; readonly value: Index };

/** Go writes `null` for what was never set; here that is absent. */
function withoutNulls<T extends object>(value: T): { [Key in keyof T]: Exclude<T[Key], null> } {
  const fields = Object.entries(value).filter(([, field]) => field !== null);
  return Object.fromEntries(fields) as { [Key in keyof T]: Exclude<T[Key], null> };
}

const text = v.string('must be a text');
const texts = v.array(text, 'must be a list of texts');
const count = v.pipe(v.number('must be a number'), v.safeInteger('must be a whole number'));
const size = v.pipe(count, v.minValue(0, 'must not be negative'));
const digest = v.custom<Digest>((value) => typeof value === 'string' && isDigest(value), 'must be a digest');
const mediaType = v.pipe(
  text,
  v.regex(/^[\w.+-]{1,127}\/[\w.+-]{1,127}(?:;[ -~]{0,200})?$/, 'must be a media type'),
);
const annotations = v.nullish(v.record(text, text, 'must have texts by name'));

const platform = v.pipe(
  v.looseObject({
    os: text,
    architecture: text,
    variant: v.nullish(text),
    'os.version': v.nullish(text),
    'os.features': v.nullish(texts),
  }),
  v.transform(withoutNulls),
);

const descriptor = v.pipe(
  v.looseObject({
    mediaType,
    digest,
    size,
    urls: v.nullish(texts),
    annotations,
    platform: v.nullish(platform),
    artifactType: v.nullish(text),
    data: v.nullish(text),
  }),
  v.transform(withoutNulls),
);

const common = {
  schemaVersion: v.literal(2, 'must be 2'),
  mediaType: v.nullish(mediaType),
  artifactType: v.nullish(text),
  subject: v.nullish(descriptor),
  annotations,
};

const manifest = v.pipe(
  v.looseObject({ ...common, config: descriptor, layers: v.array(descriptor, 'must be a list') }),
  v.transform(withoutNulls),
);

const index = v.pipe(
  v.looseObject({ ...common, manifests: v.array(descriptor, 'must be a list') }),
  v.transform(withoutNulls),
);

const presence = v.nullish(
  v.record(
    text,
    v.pipe(
      v.nullish(v.looseObject({})),
      v.transform((): Record<string, never> => ({})),
    ),
  ),
);

const healthcheck = v.pipe(
  v.looseObject({
    Test: v.nullish(texts),
    Interval: v.nullish(count),
    Timeout: v.nullish(count),
    StartPeriod: v.nullish(count),
    StartInterval: v.nullish(count),
    Retries: v.nullish(count),
  }),
  v.transform(withoutNulls),
);

const runConfig = v.pipe(
  v.looseObject({
    User: v.nullish(text),
    ExposedPorts: presence,
    Env: v.nullish(texts),
    Entrypoint: v.nullish(texts),
    Cmd: v.nullish(texts),
    Volumes: presence,
    WorkingDir: v.nullish(text),
    Labels: v.nullish(v.record(text, text)),
    StopSignal: v.nullish(text),
    ArgsEscaped: v.nullish(v.boolean()),
    OnBuild: v.nullish(texts),
    Shell: v.nullish(texts),
    Healthcheck: v.nullish(healthcheck),
  }),
  v.transform(withoutNulls),
);

const history = v.pipe(
  v.looseObject({
    created: v.nullish(text),
    created_by: v.nullish(text),
    author: v.nullish(text),
    comment: v.nullish(text),
    empty_layer: v.nullish(v.boolean()),
  }),
  v.transform(withoutNulls),
);

const imageConfig = v.pipe(
  v.looseObject({
    created: v.nullish(text),
    author: v.nullish(text),
    architecture: text,
    os: text,
    variant: v.nullish(text),
    'os.version': v.nullish(text),
    'os.features': v.nullish(texts),
    config: v.nullish(runConfig),
    rootfs: v.looseObject({
      type: v.literal('layers', 'must be "layers"'),
      diff_ids: v.nullish(v.array(digest), () => []),
    }),
    history: v.nullish(v.array(history)),
  }),
  v.transform(withoutNulls),
);

/**
 * Reads a manifest or index, OCI's or Docker's, at most 4 MiB. `mediaType` is what the registry or descriptor called it;
 * it must agree with what is inside. Unknown fields are kept. A document that could be taken for either is refused
 * (image spec, GHSA-77vh-xpmg-72qh), and so is Docker's schema 1.
 * @throws MANIFEST_INVALID naming the field
 */
export function parseManifest(bytes: Uint8Array, mediaType?: string): ParsedManifest {
  const document = parseObject(bytes, largestManifest, 'manifest');
  refuseSchema1(document, mediaType);
  const kind = kindOf(document, mediaType);
  if (kind === 'index') return { kind, value: check(index, document, 'index') };
  return { kind, value: check(manifest, document, 'manifest') };
}

/**
 * Reads an image's config, at most 8 MiB; unknown fields are kept, nulls are dropped. Whether its history fits its layers is
 * not checked: many images' do not (see `consistentHistory`).
 * @throws MANIFEST_INVALID naming the field
 */
export function parseImageConfig(bytes: Uint8Array): ImageConfig {
  return check(imageConfig, parseObject(bytes, largestConfig, 'image config'), 'image config');
}

type Document = Readonly<Record<string, unknown>>;

function parseObject(bytes: Uint8Array, limit: number, what: string): Document {
  if (bytes.length > limit) {
    throw fault('MANIFEST_INVALID', `the ${what} has ${bytes.length} bytes; ${limit} are allowed`);
  }
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw fault('MANIFEST_INVALID', `the ${what} is not JSON`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw fault('MANIFEST_INVALID', `the ${what} is not a JSON object`);
  }
  // Whoever writes a kept field again must not fail at its depth.
  canonicalJson(value);
  return value as Document;
}

function refuseSchema1(document: Document, mediaType: string | undefined): void {
  const named = [mediaType, document.mediaType].some(
    (type) => typeof type === 'string' && type.startsWith('application/vnd.docker.distribution.manifest.v1+'),
  );
  if (!named && document.schemaVersion !== 1) return;
  throw fault('MANIFEST_INVALID', "the manifest is in Docker's schema 1, which is out of use since 2017", {
    hint: 'Push the image again with a current tool, for example `skopeo copy`.',
    details: { field: 'schemaVersion' },
  });
}

const indexTypes: readonly string[] = [mediaTypes.ociIndex, mediaTypes.dockerIndex];
const manifestTypes: readonly string[] = [mediaTypes.ociManifest, mediaTypes.dockerManifest];

function kindOf(document: Document, given: string | undefined): ParsedManifest['kind'] {
  const outer = given?.split(';', 1)[0]?.trim();
  const inner = document.mediaType ?? undefined;
  if (outer !== undefined && inner !== undefined && outer !== inner) {
    throw invalid('mediaType', `says ${shown(inner)} where ${shown(outer)} was said before`);
  }
  const isIndex = document.manifests !== undefined;
  const isManifest = document.layers !== undefined || document.config !== undefined;
  if (isIndex && isManifest)
    throw invalid('manifests', 'stands beside layers: it could be an index or a manifest');
  const type = inner ?? outer;
  const known = (types: readonly unknown[]) => types.includes(type);
  const kind = isIndex ? 'index' : 'manifest';
  if (type === undefined || known(isIndex ? indexTypes : manifestTypes)) return kind;
  if (!isIndex && !isManifest && known(indexTypes)) return 'index';
  throw invalid('mediaType', `${shown(type)} is not that of an image ${kind}`);
}

function shown(value: unknown): string {
  return JSON.stringify(value).slice(0, 200);
}

function check<Schema extends v.GenericSchema>(
  schema: Schema,
  document: Document,
  what: string,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, document, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const field = v.getDotPath(issue) ?? 'it';
  const why = issue.received === 'undefined' ? 'is missing' : issue.message.slice(0, 200);
  throw invalid(field, why, what);
}

function invalid(field: string, why: string, what = 'manifest') {
  return fault('MANIFEST_INVALID', `the ${what} is not valid: ${field.slice(0, 200)} ${why}`, {
    details: { field: field.slice(0, 200) },
  });
}
