/**
 * The annotations that go to one place. Keys may say where, as buildx has it: `index:KEY`, `manifest:KEY`, `manifest[linux/arm64]:KEY`;
 * without a prefix they go to manifests.
 */
export function annotationsFor(
  annotations: Readonly<Record<string, string>>,
  place: { readonly manifest: string } | { readonly index: true },
): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const [key, value] of Object.entries(annotations)) {
    const [, type = 'manifest', platform, name = key] =
      /^(index|manifest)(?:\[([^\]]*)\])?:(.+)$/s.exec(key) ?? [];
    const wanted =
      'index' in place
        ? type === 'index'
        : type === 'manifest' && (platform ?? place.manifest) === place.manifest;
    if (wanted) found[name] = value;
  }
  return found;
}
