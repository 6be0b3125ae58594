import { stringify } from 'yaml';
import type { Project, Target } from '../model.ts';

/** An `onebuild.yaml` to go on from; with variants and binds where the folder has several Dockerfiles. */
export function writeProjectFile(
  name: string,
  existing: Project | undefined,
  secrets: readonly string[] = [],
): string {
  const targets = existing?.targets.filter(({ variant }) => variant !== undefined) ?? [];
  const image = targets.length === 0 ? `${name}:\${version}` : `${name}-\${variant}:\${version}`;
  return `# What is built here: docs/guide/project-file.md. \`onebuild config\` shows it resolved.
app: ${name}
version: \${env.VERSION:-0.1.0}-\${git.sha6:-local}
# registries:
#   main: { host: registry.example.com }   # then images can be main/${name}:...
components:
  ${name}:
    context: .
    # platforms: [linux/amd64, linux/arm64]
    # base: debian:12-slim                  # what \${BASE_IMAGE} in the Dockerfile stands for
${renderVariants(targets)}${secrets.length === 0 ? '' : `    secrets: ${JSON.stringify(secrets)}\n`}    images: [${JSON.stringify(image)}]
`;
}

function renderVariants(targets: readonly Target[]): string {
  if (targets.length === 0) return '';
  const variants = targets.map(({ variant = '', dockerfile, binds }) => [
    variant,
    {
      ...(dockerfile !== 'Dockerfile' && { dockerfile }),
      ...(Object.keys(binds).length > 0 && {
        bind: Object.fromEntries(
          Object.entries(binds).map(([image, { target, stage }]) => [image, refText(targets, target, stage)]),
        ),
      }),
    },
  ]);
  const text = stringify({ variants: Object.fromEntries(variants) as unknown }, { lineWidth: 0 });
  return text.replace(/^(?=.)/gm, '    ');
}

function refText(targets: readonly Target[], name: string, stage: string | undefined): string {
  const variant = targets.find((target) => target.name === name)?.variant ?? name;
  return stage === undefined ? variant : `${variant}/${stage}`;
}
