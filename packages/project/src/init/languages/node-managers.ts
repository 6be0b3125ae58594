/** How a package manager of Node is called. */
export interface NodeManager {
  /** Files that it reads before sources are there. */
  readonly files: readonly string[];
  /** Folder of what it fetched. */
  readonly cache: string;
  /** Lines that bring it into the image. */
  readonly setup: readonly string[];
  /** With what building needs. */
  readonly install: string;
  /** With what running needs. */
  readonly installForUse: string;
  readonly run: string;
  /** Takes away what only building needs. */
  readonly prune: string;
}

interface Signs {
  readonly files: ReadonlySet<string>;
  text(name: string): string;
  readonly packageManager: string;
}

/** By the lock file, and where there is none by `packageManager`. */
export function chooseManager({ files, text, packageManager }: Signs): NodeManager {
  const [, named, version] = /^([a-z]+)@(\d+(?:\.\d+){0,2})/.exec(packageManager) ?? [];
  if (files.has('pnpm-lock.yaml') || (named === 'pnpm' && !files.has('package-lock.json'))) {
    const old = /^lockfileVersion: '?6/.test(text('pnpm-lock.yaml')) ? '8' : '10';
    return pnpm(named === 'pnpm' && version !== undefined ? version : old, files.has('pnpm-lock.yaml'));
  }
  if (files.has('yarn.lock') || (named === 'yarn' && !files.has('package-lock.json'))) {
    const isModern =
      /^__metadata:/m.test(text('yarn.lock')) || /^[2-9]/.test(named === 'yarn' ? (version ?? '') : '');
    return isModern ? yarn(named === 'yarn' && version !== undefined ? version : '4') : classicYarn;
  }
  return npm(files.has('package-lock.json') || files.has('npm-shrinkwrap.json'));
}

function npm(isLocked: boolean): NodeManager {
  const install = isLocked ? 'npm ci' : 'npm install';
  return {
    files: ['package-lock.json', 'npm-shrinkwrap.json'],
    cache: '/root/.npm',
    setup: [],
    install,
    installForUse: `${install} --omit=dev`,
    run: 'npm run',
    prune: 'npm prune --omit=dev',
  };
}

function pnpm(version: string, isLocked: boolean): NodeManager {
  const install = isLocked ? 'pnpm install --frozen-lockfile' : 'pnpm install';
  return {
    files: ['pnpm-lock.yaml', 'pnpm-workspace.yaml', '.pnpmfile.cjs'],
    cache: '/root/.local/share/pnpm/store',
    setup: [`RUN --mount=type=cache,target=/root/.npm npm install --global pnpm@${version}`, 'ENV CI=true'],
    install,
    installForUse: `${install} --prod`,
    run: 'pnpm run',
    prune: 'pnpm prune --prod',
  };
}

const classicYarn: NodeManager = {
  files: ['yarn.lock'],
  cache: '/usr/local/share/.cache',
  // images of Node up to 24 have it already
  setup: ['RUN --mount=type=cache,target=/root/.npm npm install --global --force yarn@1'],
  install: 'yarn install --frozen-lockfile',
  installForUse: 'yarn install --frozen-lockfile --production',
  run: 'yarn run',
  prune: 'yarn install --frozen-lockfile --production --offline --ignore-scripts',
};

function yarn(version: string): NodeManager {
  return {
    files: ['yarn.lock', '.yarnrc.yml'],
    cache: '/root/.yarn/berry',
    setup: [
      `RUN --mount=type=cache,target=/root/.npm npm install --global --force @yarnpkg/cli-dist@${version}`,
      '# the image has no Yarn: packages lie where Node itself looks for them',
      'ENV YARN_NODE_LINKER=node-modules',
    ],
    install: 'yarn install --immutable',
    installForUse: 'yarn workspaces focus --all --production',
    run: 'yarn run',
    prune: 'yarn workspaces focus --all --production',
  };
}
