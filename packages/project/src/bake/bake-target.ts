import type { SourceLocation } from '@onebuild/core';

/** Fields of a cache, an output, a secret, an SSH key or an attestation. */
export type Fields = Readonly<Record<string, string>>;
export type AttributeValue =
  | string
  | boolean
  | readonly string[]
  | ReadonlyMap<string, string | null>
  | readonly Fields[];

/** A target as it is written, or with what it inherits: only attributes that somewhere have a value. */
export interface BakeTarget {
  readonly name: string;
  readonly inherits: readonly string[];
  readonly values: ReadonlyMap<AttributeName, AttributeValue>;
  readonly location: SourceLocation;
}

export interface BakeGroup {
  readonly name: string;
  readonly targets: readonly string[];
  readonly description?: string;
}

/** What a bake file or a compose file says; not yet what is inherited. */
export interface BakeDefinition {
  readonly targets: readonly BakeTarget[];
  readonly groups: readonly BakeGroup[];
}

export interface AttributeKind {
  readonly shape: 'text' | 'flag' | 'texts' | 'map' | 'fields';
  /** What a later value does to an earlier one; maps always merge by key. */
  readonly merge: 'replace' | 'append';
  /** How a text is read where fields are wanted. */
  readonly fields?: 'cache' | 'output' | 'secret' | 'ssh' | 'attest';
}

/** In the order in which the original prints them. */
export const attributeKinds = {
  description: { shape: 'text', merge: 'replace' },
  annotations: { shape: 'texts', merge: 'append' },
  attest: { shape: 'fields', merge: 'append', fields: 'attest' },
  context: { shape: 'text', merge: 'replace' },
  contexts: { shape: 'map', merge: 'append' },
  dockerfile: { shape: 'text', merge: 'replace' },
  'dockerfile-inline': { shape: 'text', merge: 'replace' },
  args: { shape: 'map', merge: 'append' },
  labels: { shape: 'map', merge: 'append' },
  tags: { shape: 'texts', merge: 'replace' },
  'cache-from': { shape: 'fields', merge: 'append', fields: 'cache' },
  'cache-to': { shape: 'fields', merge: 'replace', fields: 'cache' },
  target: { shape: 'text', merge: 'replace' },
  secret: { shape: 'fields', merge: 'append', fields: 'secret' },
  ssh: { shape: 'fields', merge: 'append', fields: 'ssh' },
  platforms: { shape: 'texts', merge: 'replace' },
  output: { shape: 'fields', merge: 'replace', fields: 'output' },
  pull: { shape: 'flag', merge: 'replace' },
  'no-cache': { shape: 'flag', merge: 'replace' },
  network: { shape: 'text', merge: 'replace' },
  'no-cache-filter': { shape: 'texts', merge: 'append' },
  'shm-size': { shape: 'text', merge: 'replace' },
  ulimits: { shape: 'texts', merge: 'append' },
  call: { shape: 'text', merge: 'replace' },
  entitlements: { shape: 'texts', merge: 'append' },
  'extra-hosts': { shape: 'map', merge: 'append' },
  policy: { shape: 'texts', merge: 'append' },
} as const satisfies Record<string, AttributeKind>;

export type AttributeName = keyof typeof attributeKinds;

export function isAttributeName(name: string): name is AttributeName {
  return Object.hasOwn(attributeKinds, name);
}

export function kindOf(name: AttributeName): AttributeKind {
  return attributeKinds[name];
}

/** The target with the values of another one over its own. */
export function mergeTargets(under: BakeTarget, over: BakeTarget): BakeTarget {
  const values = new Map(under.values);
  for (const [name, value] of over.values) values.set(name, mergeValues(name, values.get(name), value));
  return { ...under, inherits: [...under.inherits, ...over.inherits], values };
}

export function mergeValues(
  name: AttributeName,
  under: AttributeValue | undefined,
  over: AttributeValue,
): AttributeValue {
  if (over instanceof Map) {
    const merged = new Map(under instanceof Map ? (under as Map<string, string | null>) : []);
    // null leaves what is there
    for (const [key, value] of over as Map<string, string | null>) if (value !== null) merged.set(key, value);
    return merged;
  }
  if (kindOf(name).merge === 'replace' || !Array.isArray(under) || !Array.isArray(over)) return over;
  return [...(under as string[]), ...(over as string[])];
}
