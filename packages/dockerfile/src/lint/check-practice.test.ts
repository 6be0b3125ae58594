import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDockerfile } from '../instructions/parse-dockerfile.ts';
import { lintDockerfile } from './lint-dockerfile.ts';
import { isDockerRule } from './rules.ts';

const parse = (lines: readonly string[]) => parseDockerfile(lines.join('\n'), { name: 'Dockerfile' });
const lint = (lines: readonly string[]) =>
  lintDockerfile(parse(lines), { practice: true })
    .filter(({ rule }) => !isDockerRule(rule))
    .map(({ rule, location }) => `${rule}:${location.line}`);

const apt = 'apt-get install -y --no-install-recommends curl';

/** Lines behind `FROM debian:12`, what is found in them. */
const table: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['lists in a cache mount', [`RUN --mount=type=cache,target=/var/lib/apt apt-get update && ${apt}`], []],
  [
    'lists in several lines',
    ['RUN apt-get update \\', ` && ${apt} \\`, ' && rm -rf /var/lib/apt/lists/*'],
    [],
  ],
  [
    'a script as heredoc',
    ['RUN <<EOF', 'apt-get update', 'apt-get install curl', 'EOF'],
    ['InstallWithoutYes:2', 'PackageCacheLeft:2', 'RecommendedPackages:2'],
  ],
  ['a heredoc that is data', ['RUN cat <<EOF > /x', 'apt-get install curl', 'EOF'], []],
  ['text that is not run', ['RUN echo "apt-get install curl" && echo sudo'], []],
  [
    'exec form with a shell',
    ['RUN ["/bin/sh", "-c", "apt-get install --no-install-recommends curl"]'],
    ['InstallWithoutYes:2'],
  ],
  [
    'answers by other means',
    [
      'RUN yes | apt-get install --no-install-recommends a',
      'RUN apt-get -qq install --no-install-recommends a',
      'USER a',
      'RUN apt-get install --assume-yes --no-install-recommends a',
    ],
    [],
  ],
  ['flags in a variable', ['RUN apt-get install $APT_FLAGS --no-install-recommends a'], []],
  ['pip with its variable', ['ENV PIP_NO_CACHE_DIR=1', 'RUN pip install flask'], []],
  [
    'pip',
    ['RUN pip3 install flask', 'USER a', 'RUN python3 -m pip install flask'],
    ['PackageCacheLeft:2', 'PackageCacheLeft:4'],
  ],
  ['caches of stages that are not in the image', ['RUN npm ci', 'FROM debian:12', 'COPY --from=0 /a /b'], []],
  ['PowerShell', ['SHELL ["pwsh", "-c"]', 'RUN sudo apt-get install x'], []],
  [
    'pipes that run nothing',
    ['RUN curl https://e.com/x | tar xz', 'RUN curl https://e.com/x | python3 -m json.tool'],
    [],
  ],
  [
    'pipes in a shell of their own',
    ["RUN bash -ec 'curl https://e.com/x | sh'", 'USER a', "RUN echo -c 'curl https://e.com/x | sh'"],
    ['PipeToShell:2'],
  ],
  [
    'pipes that run',
    ['RUN wget -qO- https://e.com/x | bash -s -- -y', 'USER a', 'RUN bash -c "$(curl https://e.com/x)"'],
    ['PipeToShell:2', 'PipeToShell:4'],
  ],
  ['cd inside of a line', ['RUN cd /a && make'], []],
  ['cd in a row of commands, last', ['RUN make && cd /a'], ['CdHasNoEffect:2']],
  ['two RUN', ['RUN a', 'RUN b'], []],
  ['RUN with mounts are no row', ['RUN --mount=type=cache,target=/a a', 'RUN b', 'RUN c'], []],
  ['removed in the same RUN', ['RUN wget https://e.com/a.tgz && rm a.tgz', 'RUN rm -f /a.tgz'], []],
  [
    'removed later',
    ['WORKDIR /src', 'RUN curl -fLo a.tgz https://e.com/x', 'RUN tar xf a.tgz', 'USER a', 'RUN rm a.tgz'],
    ['FileRemovedLater:6'],
  ],
  [
    'a clone, removed later',
    ['WORKDIR /src', 'RUN git clone https://e.com/tool.git', 'USER a', 'RUN rm -rf /src/tool'],
    ['FileRemovedLater:5'],
  ],
  [
    'removed later, from the folder that the base names',
    ['RUN wget https://e.com/a.tgz', 'USER a', 'RUN tar xf a.tgz && rm a.tgz'],
    ['FileRemovedLater:4'],
  ],
  [
    'added from an address, removed later',
    ['ADD https://e.com/x/a.tgz?v=1 /tmp/', 'RUN tar xf /tmp/a.tgz && rm -f /tmp/a.tgz'],
    ['FileRemovedLater:3'],
  ],
  ['an archive that ADD unpacks', ['ADD a.tgz /tmp/', 'RUN rm -f /tmp/a.tgz'], []],
  ['something else removed', ['COPY a /a', 'RUN rm -rf /a2 /tmp/* "$DIR"'], []],
  [
    'removed in a stage that is not in the image',
    ['COPY a /a', 'RUN rm /a', 'FROM debian:12', 'COPY --from=0 /b /b'],
    [],
  ],
  [
    'owner of what COPY brought',
    ['WORKDIR /app', 'COPY . .', 'RUN chmod -R 755 /app'],
    ['OwnerChangedLater:4'],
  ],
  ['owner of something else', ['COPY a /app/', 'RUN chown -R www /var/www'], []],
  [
    'sources after their dependencies',
    [
      'COPY package.json .',
      'RUN npm ci && npm cache clean --force',
      'COPY . .',
      'RUN npm run build && npm install && npm cache clean --force',
    ],
    [],
  ],
  ['sources, then a cache mount', ['COPY . .', 'RUN --mount=type=cache,target=/root/.npm npm ci'], []],
  [
    'what was built, before packages of the system',
    ['COPY --from=helper:latest /manager /', 'RUN apt-get install -y x && rm -rf /var/lib/apt/lists/*'],
    ['CopyBeforeInstall:2', 'RecommendedPackages:3'],
  ],
  [
    'a folder before packages of the system',
    ['COPY roles/ /opt/roles/', 'RUN apk add --no-cache x'],
    ['CopyBeforeInstall:2'],
  ],
  [
    'packages before what was built',
    ['RUN apk add --no-cache x', 'COPY --from=helper:latest /manager /'],
    [],
  ],
  [
    'packages that were copied',
    ['COPY --from=helper:latest /x.apk /tmp/', 'RUN apk add --no-cache /tmp/x.apk'],
    [],
  ],
  [
    'tools of an image, settings',
    ['COPY --from=e.com/uv:1 /uv /bin/', 'COPY repos/ /etc/apk/', 'RUN apk add --no-cache x'],
    [],
  ],
  ['sources before dependencies', ['COPY . /app', 'RUN go mod download'], ['CopyBeforeInstall:2']],
  ['sources before a build that fetches', ['COPY . .', 'RUN cargo build'], ['CopyBeforeInstall:2']],
  ['sources after go.mod', ['COPY go.mod .', 'RUN go mod download', 'COPY . .', 'RUN go build'], []],
  ['pip of the folder itself', ['COPY . .', 'RUN pip install --no-cache-dir .'], []],
  ['tools that are removed again', ['RUN apk add --no-cache gcc && make && apk del gcc'], []],
  ['tools', ['RUN apk add --no-cache libfoo-dev=1.2 curl'], ['BuildToolsInFinalStage:2']],
  [
    'ADD that fetches or unpacks',
    [
      'ADD https://e.com/x /',
      'ADD a.tar.gz /',
      'ADD $X /',
      'ADD --unpack=true a /',
      'ADD git@e.com:a/b.git /',
    ],
    [],
  ],
  [
    'secrets by form',
    [
      'ENV A=ghp_0123456789abcdefghijklmnopqrstuvwxyz',
      'ARG B=AKIAIOSFODNN7EXAMPLE',
      'LABEL c="-----BEGIN RSA PRIVATE KEY-----"',
    ],
    ['SecretValue:2', 'SecretValue:3', 'SecretValue:4'],
  ],
  [
    'addresses without a secret',
    ['ENV A=https://e.com:80/a@b B=postgres://user:$PASSWORD@db/x C=https://u@e.com'],
    [],
  ],
  ['user', ['CMD ["a"]', 'USER a'], []],
];

for (const [name, lines, wanted] of table) {
  test(`practice: ${name}`, () => {
    assert.deepEqual([...lint(['FROM debian:12', ...lines])].sort(), [...wanted].sort());
  });
}

test('bases: stages, arguments, ports, digests', () => {
  const digest = `a@sha256:${'0'.repeat(64)}`;
  assert.deepEqual(
    lint([
      'ARG V=1',
      'ARG B',
      'FROM a:$V AS x',
      'FROM x',
      'FROM scratch',
      'FROM h:5000/a',
      `FROM ${digest}`,
      'FROM $B',
      'FROM b:latest',
    ]),
    ['UnpinnedBase:6', 'UnpinnedBase:9'],
  );
});

test('what the final image stands on, through arguments and stages', () => {
  const end = 'CMD ["a"]';
  assert.deepEqual(lint(['ARG B=x/static:nonroot', 'FROM $B', end]), []);
  assert.deepEqual(lint(['ARG B=x/static:1', 'FROM $B', end]), ['MissingUser:2']);
  assert.deepEqual(lint(['ARG B=golang:1.23', 'FROM $B AS a', 'FROM a', 'USER b', end]), [
    'BuildToolsInFinalStage:2',
  ]);
});

test('a build does not look at practice', () => {
  assert.deepEqual(lintDockerfile(parse(['FROM debian', 'RUN sudo a'])), []);
});

test('a secret is not told', () => {
  const [warning] = lintDockerfile(parse(['FROM a:1', 'ENV X=AKIAIOSFODNN7EXAMPLE']), { practice: true });
  assert.ok(!warning?.message.includes('EXAMPLE'));
});

test('practice is skipped like everything else', () => {
  assert.deepEqual(lint(['# check=skip=SudoInRun', 'FROM a:1', 'RUN sudo a']), []);
  assert.deepEqual(lint(['FROM a:1', '# check=skip=SudoInRun', 'RUN sudo a', 'USER a', 'RUN sudo b']), [
    'SudoInRun:5',
  ]);
});
