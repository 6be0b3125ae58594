import { findWord, type Language } from '../language.ts';

interface Manager {
  readonly lock: string;
  readonly install: string;
  readonly build: string;
  readonly prune: string;
}

const cache = '--mount=type=cache,target=';

/** Package managers by their lock file. */
const managers: readonly Manager[] = [
  {
    lock: 'pnpm-lock.yaml',
    install: `RUN ${cache}/root/.local/share/pnpm/store corepack enable && pnpm install --frozen-lockfile`,
    build: 'pnpm run build',
    prune: 'CI=true pnpm prune --prod',
  },
  {
    lock: 'yarn.lock',
    install: `RUN ${cache}/usr/local/share/.cache yarn install --frozen-lockfile`,
    build: 'yarn run build',
    prune: 'yarn install --frozen-lockfile --production --offline',
  },
  {
    lock: 'package-lock.json',
    install: `RUN ${cache}/root/.npm npm ci`,
    build: 'npm run build',
    prune: 'npm prune --omit=dev',
  },
];
const unlocked: Manager = {
  lock: '',
  install: `RUN ${cache}/root/.npm npm install`,
  build: 'npm run build',
  prune: 'npm prune --omit=dev',
};

export const node: Language = {
  name: 'Node.js',
  signs: ['package.json'],
  reads: ['package.json', '.nvmrc'],
  ignores: ['node_modules/', 'dist/', 'coverage/', '*.log'],
  dockerfile: `# syntax=docker/dockerfile:1
ARG BASE_IMAGE=node:{{ version }}-slim

FROM node:{{ version }} AS build
WORKDIR /app
COPY package.json {{ lock }}./
{{ install }}
COPY . .
RUN {{ build }}

FROM $BASE_IMAGE
WORKDIR /app
ENV NODE_ENV=production
COPY --from=build /app ./
USER node
CMD {{ command }}
`,
  parameters({ files, text }) {
    const manager = managers.find(({ lock }) => files.has(lock)) ?? unlocked;
    const { scripts, main } = readPackage(text('package.json'));
    const version = findWord(text('.nvmrc'), /^v?(\d+)/, '24');
    return {
      version,
      lock: manager.lock === '' ? '' : `${manager.lock} `,
      install: manager.install,
      build: scripts.includes('build') ? `${manager.build} && ${manager.prune}` : manager.prune,
      command: scripts.includes('start') ? '["npm", "start"]' : JSON.stringify(['node', main]),
    };
  },
};

function readPackage(text: string): { readonly scripts: readonly string[]; readonly main: string } {
  const known = { scripts: [], main: 'index.js' };
  try {
    const file = JSON.parse(text) as { scripts?: unknown; main?: unknown } | null;
    const { scripts, main } = file ?? {};
    return {
      scripts: typeof scripts === 'object' && scripts !== null ? Object.keys(scripts) : [],
      main: typeof main === 'string' && /^[\w./-]+$/.test(main) ? main : known.main,
    };
  } catch {
    return known;
  }
}
