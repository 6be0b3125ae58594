import { findVersion } from '../find-version.ts';
import type { Language } from '../language.ts';
import { chooseManager } from './node-managers.ts';
import { readPackage } from './node-package.ts';

/** Names that `.nvmrc` may have in place of a version. */
const releases: Readonly<Record<string, string>> = { iron: '20', jod: '22', krypton: '24' };
const newest = '24';

export const node: Language = {
  name: 'Node.js',
  signs: ['package.json'],
  reads: ['package.json', '.nvmrc', '.node-version', 'pnpm-lock.yaml', 'yarn.lock'],
  ignores: ['node_modules/', 'dist/', 'coverage/', '*.log', '.npmrc'],
  dockerfile: `# syntax=docker/dockerfile:1
ARG BASE_IMAGE=node:{{ version }}-slim

FROM node:{{ version }} AS build
WORKDIR /app
{{ steps }}

FROM $BASE_IMAGE
WORKDIR /app
ENV NODE_ENV=production
COPY --from=build /app ./
USER node
CMD {{ command }}
`,
  parameters({ files, text }) {
    const { scripts, start, main, engine, packageManager, hasWorkspaces } = readPackage(text('package.json'));
    const manager = chooseManager({ files, text, packageManager });
    const mounts = [
      `--mount=type=cache,target=${manager.cache}`,
      ...(files.has('.npmrc') ? ['--mount=type=secret,id=npmrc,target=/app/.npmrc'] : []),
    ].join(' ');
    const first = ['package.json', ...manager.files.filter((file) => files.has(file))].join(' ');
    const isWorkspace = hasWorkspaces || files.has('pnpm-workspace.yaml');
    const hasBuild = scripts.includes('build');
    const install = `RUN ${mounts} ${hasBuild ? manager.install : manager.installForUse}`;
    const steps = [
      ...manager.setup,
      ...(isWorkspace ? ['COPY . .', install] : [`COPY ${first} ./`, install, 'COPY . .']),
      ...(hasBuild ? [`RUN ${mounts} ${manager.run} build && ${manager.prune}`] : []),
    ];
    const command = start ?? (scripts.includes('start') ? ['npm', 'start'] : ['node', main]);
    return {
      version: findVersion([
        releases[/^lts\/(\w+)/.exec(text('.nvmrc'))?.[1] ?? ''],
        /^v?(\d+)/.exec(text('.nvmrc'))?.[1],
        /^v?(\d+)/.exec(text('.node-version'))?.[1],
        nodeOf(engine),
        newest,
      ]),
      steps: steps.join('\n'),
      command: JSON.stringify(command),
    };
  },
  advice({ files, text }) {
    const { scripts, main } = readPackage(text('package.json'));
    const starts = scripts.some((name) => name === 'start' || name === 'build') || files.has(main);
    return [
      ...(starts ? [] : [`There is neither a start script nor ${main}: correct CMD.`]),
      ...(files.has('.npmrc') ? ['.npmrc is handed in as a secret, and is in no layer.'] : []),
    ];
  },
  secrets: ({ files }) => (files.has('.npmrc') ? ['id=npmrc,src=.npmrc'] : []),
};

/** `>=20` is met by the newest one, `^20.1`, `20.x` and `<23` are not. */
function nodeOf(engine: string): string | undefined {
  const exact = /^\s*[\^~=v]*\s*(\d+)(?:[.\s]|$)/.exec(engine)?.[1];
  if (exact !== undefined) return exact;
  const below = /<\s*(\d+)/.exec(engine)?.[1];
  if (below !== undefined) return String(Math.min(Number(newest), Number(below) - 1));
  const least = /(\d+)/.exec(engine)?.[1];
  return least === undefined ? undefined : String(Math.max(Number(newest), Number(least)));
}
