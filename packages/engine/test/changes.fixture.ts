import { parsePlatform } from '@onebuild/oci';
import type { Draft } from './cache-bench.ts';

type Files = Readonly<Record<string, string>>;

/** One side of a change. Its last RUN, which ends in `# N`, is the step that is looked at. */
export interface Side extends Partial<Draft> {
  readonly text: string;
  readonly files?: Files;
  readonly make?: (folder: string) => void;
}

/** A change after which the step runs again, or is taken from the cache all the same. */
export interface Change {
  /** What changes; with the places where other builders did not notice. */
  readonly name: string;
  readonly before: Side;
  readonly after: Side;
  readonly taken?: true;
}

/** The same Dockerfile and files, but for these words. */
export function words(
  name: string,
  text: string,
  [one, other]: readonly [string, string],
  rest: Partial<Side> = {},
) {
  const side = (word: string): Side => ({
    ...rest,
    text: text.replaceAll('WORD', word),
    files: Object.fromEntries(
      Object.entries(rest.files ?? {}).map(([path, content]) => [path, content.replaceAll('WORD', word)]),
    ),
  });
  return { name, before: side(one), after: side(other) };
}

const run = 'FROM BASE\nRUN ';
const secrets = Object.fromEntries(
  ['one', 'two'].map((id) => [id, { type: 'value', value: `value of ${id}` }] as const),
);
const secretMount = (options: string) => `${run}--mount=type=secret,${options} true > /x # N\n`;
const cacheMount = (options: string) => `${run}--mount=type=cache,${options} ls -A /m > /x; true # N\n`;
const arg = (rest: string) => `FROM BASE\nARG VALUE=none\n${rest}`;

/** The same Dockerfile with other files or options. */
export const sides = (text: string, before: Partial<Side>, after: Partial<Side>) => ({
  before: { text, ...before },
  after: { text, ...after },
});

export const mountChanges: readonly Change[] = [
  words('id of a cache mount (moby/buildkit#7061)', cacheMount('id=WORD,target=/m'), ['one', 'two']),
  words('target of a cache mount', cacheMount('id=m,target=/WORD'), ['one', 'two']),
  words('whether a cache mount can be written', cacheMount('target=/m,WORD'), ['rw', 'ro']),
  words('owner of a cache mount', cacheMount('target=/m,uid=WORD'), ['0', '1000']),
  words('mode of a cache mount', cacheMount('target=/m,mode=WORD'), ['0755', '0700']),
  {
    name: 'argument in the id of a cache mount (moby/buildkit#1154)',
    ...sides(
      arg('RUN --mount=type=cache,id=a-$VALUE,target=/m true > /x # N\n'),
      {},
      { buildArgs: { VALUE: 'given' } },
    ),
  },
  words(
    'what a cache mount is filled with (moby/buildkit#7061)',
    'FROM BASE AS seed\nRUN mkdir /s && echo WORD > /s/v\nFROM BASE\nRUN --mount=type=cache,id=s,from=seed,source=/s,target=/m cat /m/v > /x # N\n',
    ['one', 'two'],
  ),
  {
    ...words('how a cache mount is shared', cacheMount('target=/m,sharing=WORD'), ['shared', 'locked']),
    taken: true,
  },
  words(
    'what a bind mount has of a stage (containers/buildah#4522)',
    'FROM BASE AS made\nRUN echo WORD > /v\nFROM BASE\nRUN --mount=type=bind,from=made,target=/m cat /m/v > /x # N\n',
    ['one', 'two'],
  ),
  words(
    'a file that a bind mount has of a stage of files (containers/buildah#6609)',
    'FROM scratch AS files\nCOPY v /\nFROM BASE\nRUN --mount=from=files,source=/v,target=/v cat /v > /x # N\n',
    ['one', 'two'],
    { files: { v: 'WORD' } },
  ),
  words(
    'a file that a bind mount has of the context (containers/buildah#5400)',
    `${run}--mount=target=/m cat /m/d/v > /x # N\n`,
    ['one', 'two'],
    { files: { 'd/v': 'WORD' } },
  ),
  {
    name: 'a file of a named context (containers/buildah#5692)',
    ...sides(`${run}--mount=from=named,target=/m cat /m/v > /x # N\n`, {}, {}),
  },
  words('target of a tmpfs', `${run}--mount=type=tmpfs,target=/WORD true > /x # N\n`, ['a', 'b']),
  words('id of a secret', secretMount('id=WORD,target=/s'), ['one', 'two'], { secrets }),
  words('target of a secret', secretMount('id=one,target=/WORD'), ['a', 'b'], { secrets }),
  words('variable of a secret', secretMount('id=one,env=WORD'), ['A', 'B'], { secrets }),
  words('a secret that becomes a variable', secretMount('id=one,WORD'), ['target=/a', 'env=A'], { secrets }),
  words('mode of a secret', secretMount('id=one,mode=WORD'), ['0400', '0444'], { secrets }),
  {
    name: 'value of a secret, as BuildKit has it (docker/buildx#651, containers/buildah#4822)',
    ...sides(
      secretMount('id=one'),
      { secrets: { one: { type: 'value', value: 'first value' } } },
      { secrets: { one: { type: 'value', value: 'other value' } } },
    ),
    taken: true,
  },
];

/** For a processor that runs programs of both. */
const otherPlatform: Change = {
  name: 'platform (GoogleContainerTools/kaniko#2567)',
  ...sides(
    'FROM scratch\nCOPY --from=root / /\nRUN ["busybox", "sh", "-c", "true > /x # N"]\n',
    { platforms: [parsePlatform('linux/amd64')] },
    { platforms: [parsePlatform('linux/386')] },
  ),
};

export const wordChanges: readonly Change[] = [
  {
    name: 'value of an argument (GoogleContainerTools/kaniko#690)',
    ...sides(arg('RUN echo $VALUE > /x # N\n'), {}, { buildArgs: { VALUE: 'given' } }),
  },
  {
    name: 'argument that only a script reads (GoogleContainerTools/kaniko#1688)',
    ...sides(
      'FROM BASE\nCOPY script /\nARG VALUE=none\nRUN sh /script > /x # N\n',
      { files: { script: 'echo $VALUE' } },
      { files: { script: 'echo $VALUE' }, buildArgs: { VALUE: 'given' } },
    ),
  },
  {
    name: 'argument in a variable (GoogleContainerTools/kaniko#728)',
    ...sides(arg('ENV A=$VALUE\nRUN env | grep ^A > /x # N\n'), {}, { buildArgs: { VALUE: 'given' } }),
  },
  words('default of an argument', 'FROM BASE\nARG A=WORD\nRUN echo $A > /x # N\n', ['one', 'two']),
  {
    name: 'argument in a folder (osscontainertools/kaniko#813)',
    ...sides(arg('WORKDIR /w/$VALUE\nRUN pwd > /x # N\n'), {}, { buildArgs: { VALUE: 'given' } }),
  },
  {
    name: 'argument in a heredoc of COPY (osscontainertools/kaniko#822)',
    ...sides(
      arg('COPY <<EOF /h\n${VALUE}\nEOF\nRUN cat /h > /x # N\n'),
      {},
      { buildArgs: { VALUE: 'given' } },
    ),
  },
  words(
    'heredoc of RUN (osscontainertools/kaniko#824, containers/buildah#5656)',
    'FROM BASE\nARG A=b\nRUN <<EOF # N\necho WORD > /x\nEOF\n',
    ['one', 'two'],
  ),
  words('program of a heredoc', 'FROM BASE\nRUN <<EOF WORD > /x # N\necho $0\nEOF\n', ['sh', 'cat']),
  words('user', 'FROM BASE\nUSER WORD\nRUN id -u > /tmp/x # N\n', ['0', '1000']),
  words('folder', 'FROM BASE\nWORKDIR /WORD\nRUN pwd > /x # N\n', ['a', 'b']),
  words('shell', 'FROM BASE\nSHELL ["/bin/sh", WORD]\nRUN echo $- > /x # N\n', ['"-c"', '"-uc"']),
  words('order of variables', 'FROM BASE\nWORD\nRUN echo $A > /x # N\n', [
    'ENV A=1\nENV A=2',
    'ENV A=2\nENV A=1',
  ]),
  words('a variable that moves below', 'FROM BASE\nWORD\n', [
    'ENV A=1\nRUN echo $A > /x # N',
    'RUN echo $A > /x # N\nENV A=1',
  ]),
  words('network (docker/buildx#1989)', `${run}--network=WORD true > /x # N\n`, ['default', 'none']),
  {
    name: 'further hosts',
    ...sides(`${run}grep added /etc/hosts > /x; true # N\n`, {}, { extraHosts: [['added', '10.0.0.1']] }),
  },
  ...(process.arch === 'x64' ? [otherPlatform] : []),
  {
    name: 'the base behind another stage (GoogleContainerTools/kaniko#1833)',
    ...sides('FROM MOVING AS builder\nFROM builder\nRUN cat /version > /x # N\n', {}, {}),
  },
  { name: 'tag of the base', ...sides('FROM MOVING\nRUN cat /version > /x # N\n', {}, {}) },
  {
    name: 'labels, names of stages, comments, what comes after',
    before: { text: 'FROM BASE AS one\nRUN echo 1 > /x # N\n' },
    after: {
      text: '# a comment\nFROM BASE AS other\nLABEL a=b\n\nARG UNUSED\nRUN   echo 1 > /x # N\nCMD ["x"]\n',
      labels: { c: 'd' },
    },
    taken: true,
  },
];
