import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProgram } from '@onebuild/testkit';
import { writeSourceTree } from './write-source-tree.ts';

const makeRedis = fileURLToPath(new URL('redis/make-inputs', import.meta.url));

/** Folders of the inputs in the work folder. */
export const inputs = {
  engine: 'engine',
  redis: 'redis',
  tree: 'contexts/tree',
  sources: 'contexts/sources',
  busybox: 'contexts/busybox',
  debian: 'contexts/debian',
  trixie: 'contexts/trixie',
  sid: 'contexts/sid',
  gcc: 'contexts/gcc',
} as const;

/** Makes everything that is not there from an earlier run. This is the one part that needs the network. */
export async function prepareInputs(work: string, names: readonly string[]): Promise<void> {
  await once(
    work,
    inputs.engine,
    'the peers: a Debian sid root with Docker Engine, buildx and Buildah',
    (folder) =>
      makeRoot('sid', folder, [
        'docker.io',
        'docker-cli',
        'docker-buildx',
        'buildah',
        'iptables',
        'ca-certificates',
      ]),
  );
  await once(work, inputs.busybox, 'a base of busybox alone', (folder) => {
    mkdirSync(join(folder, 'root/bin'), { recursive: true });
    copyFileSync('/bin/busybox', join(folder, 'root/bin/busybox'));
    writeFileSync(join(folder, 'Dockerfile'), busyboxFile);
  });
  const boxes = names.some((name) => /-(variants|boxes)\b/.test(name));
  const cachedApp = names.some((name) => name === 'cache-unchanged' || name === 'cache-change');
  if (boxes || cachedApp || names.includes('pull-base')) await makeBase(work, inputs.debian, 'bookworm');
  if (boxes) {
    await makeBase(work, inputs.trixie, 'trixie');
    await makeBase(work, inputs.sid, 'sid');
  }
  if (boxes || cachedApp) await makeBase(work, inputs.gcc, 'bookworm', ['gcc', 'libc6-dev']);
  if (names.some((name) => name.startsWith('copy-') || name === 'limits')) {
    await once(work, inputs.tree, 'a tree of files: a Debian root with gcc', async (folder) => {
      await makeRoot('bookworm', join(folder, 'root'), ['gcc', 'libc6-dev', 'make']);
      rmSync(join(folder, 'root/dev'), { recursive: true });
      writeFileSync(join(folder, 'Dockerfile'), 'FROM scratch\nCOPY root /\n');
    });
  }
  if (names.includes('one-change')) {
    await once(work, inputs.sources, 'a context of 20,000 source files', (folder) => {
      writeSourceTree(join(folder, 'src'), { files: 20_000, seed: 'sources' });
      writeFileSync(
        join(folder, 'Dockerfile'),
        'ARG REGISTRY\nFROM ${REGISTRY}/base/busybox:1\nCOPY src /src\nRUN true\n',
      );
    });
  }
  if (names.some((name) => name.startsWith('redis-'))) {
    const redis = join(work, inputs.redis);
    mkdirSync(redis, { recursive: true });
    console.log('bench: bases and sources of the redis example');
    await runProgram([makeRedis, redis]);
  }
}

const busyboxFile = `FROM scratch
COPY root /
RUN ["/bin/busybox", "--install", "-s", "/bin"]
CMD ["/bin/sh"]
`;

async function once(
  work: string,
  name: string,
  what: string,
  make: (folder: string) => void | Promise<void>,
): Promise<void> {
  const folder = join(work, name);
  if (existsSync(folder)) return;
  console.log(`bench: making ${what}`);
  const part = `${folder}.part`;
  rmSync(part, { recursive: true, force: true });
  mkdirSync(dirname(part), { recursive: true });
  await make(part);
  renameSync(part, folder);
}

async function makeBase(
  work: string,
  name: string,
  suite: string,
  packages: readonly string[] = [],
): Promise<void> {
  const what = ['a base of a whole Debian', suite, ...packages].join(' ');
  await once(work, name, what, async (folder) => {
    mkdirSync(folder, { recursive: true });
    await makeRoot(suite, join(folder, 'rootfs.tar'), packages);
    writeFileSync(join(folder, 'Dockerfile'), 'FROM scratch\nADD rootfs.tar /\n');
  });
}

async function makeRoot(suite: string, target: string, packages: readonly string[] = []): Promise<void> {
  mkdirSync(dirname(target), { recursive: true });
  await runProgram([
    'mmdebstrap',
    '--quiet',
    '--variant=minbase',
    '--aptopt=Acquire::Check-Valid-Until "false"',
    ...(packages.length > 0 ? [`--include=${packages.join(',')}`] : []),
    suite,
    target,
  ]);
}
