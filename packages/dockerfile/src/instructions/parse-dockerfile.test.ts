import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ErrorCode, isFault } from '@onebuild/core';
import fc from 'fast-check';
import type { Instruction } from './instruction.ts';
import { parseDockerfile } from './parse-dockerfile.ts';
import { parseInstruction } from './parse-instruction.ts';

const parse = (...lines: string[]) => parseDockerfile(lines.join('\n'), { name: 'Dockerfile' });

/** The instruction without place, comments and spelling. */
function read(...lines: string[]): unknown {
  const instruction = parse('FROM scratch', ...lines).stages[0]?.instructions[0];
  assert.ok(instruction);
  return strip(instruction);
}

function strip({
  location: _location,
  original: _original,
  comments: _comments,
  keyword: _keyword,
  ...rest
}: Instruction): unknown {
  return rest;
}

function refuses(lines: readonly string[], code: ErrorCode, message: RegExp, line = 2): void {
  assert.throws(
    () => parse(...lines),
    (error) => {
      assert.ok(isFault(error, code), String(error));
      assert.match(error.message, message);
      assert.equal(error.location?.line, line);
      assert.match(error.location?.snippet ?? '', />>>/);
      return true;
    },
  );
}

const refusesLine = (line: string, message: RegExp) =>
  refuses(['FROM a', line], 'DOCKERFILE_INSTRUCTION', message);

test('stages, names and arguments before the first FROM', () => {
  const file = parse(
    'ARG V=1',
    '# build compiles',
    'FROM --platform=$BUILDPLATFORM go:$V AS Build',
    'RUN make',
    'FROM build',
    '',
  );
  assert.deepEqual(
    file.metaArgs.map(({ args }) => args),
    [[{ name: 'V', value: '1' }]],
  );
  const [first, second] = file.stages;
  assert.equal(first?.name, 'build');
  assert.equal(first?.base, 'go:$V');
  assert.equal(first?.platform, '$BUILDPLATFORM');
  assert.equal(first?.from.writtenName, 'Build');
  assert.deepEqual(first?.from.comments, ['build compiles']);
  assert.deepEqual([second?.index, second?.name, second?.base], [1, undefined, 'build']);
});

test('every instruction knows its place and its text', () => {
  const [run] =
    parse('FROM a', '# why', '  run --network=none apt-get \\', '  update').stages[0]?.instructions ?? [];
  assert.deepEqual(run?.location, { file: 'Dockerfile', line: 3, endLine: 4, column: 3 });
  assert.equal(run?.original, 'run --network=none apt-get   update');
  assert.deepEqual(run?.comments, ['why']);
});

test('RUN in its forms', () => {
  const rest = {
    kind: 'RUN',
    heredocs: [],
    mounts: [],
    mountFlags: [],
    network: 'default',
    security: 'sandbox',
  };
  assert.deepEqual(read('RUN a  b'), { ...rest, command: { form: 'shell', line: 'a  b' } });
  assert.deepEqual(read('RUN ["a", "b c"]'), { ...rest, command: { form: 'exec', args: ['a', 'b c'] } });
  assert.deepEqual(read('RUN'), { ...rest, command: { form: 'shell', line: '' } });
  assert.deepEqual(read('RUN --mount=type=$T,from=x --network=host --security=insecure c'), {
    ...rest,
    command: { form: 'shell', line: 'c' },
    mountFlags: ['type=$T,from=x'],
    mounts: [{ type: 'bind', from: 'x', readonly: true }],
    network: 'host',
    security: 'insecure',
  });
  refusesLine('RUN --network=some c', /--network/);
  refusesLine('RUN --security=some c', /--security/);
  refusesLine('RUN --device=x c', /not supported/);
  refusesLine('RUN --mount=from=$X,target=/y c', /cannot hold a variable/);
  refusesLine('RUN --mont=target=/y c', /did you mean --mount/);
});

test('COPY and ADD with their flags', () => {
  const rest = { inlineSources: [], link: false, exclude: [] };
  assert.deepEqual(
    read('COPY --from=x --chown=1:2 --chmod=u+x --link --parents --exclude=*.o --exclude=b a b /c/'),
    {
      kind: 'COPY',
      sources: ['a', 'b'],
      dest: '/c/',
      inlineSources: [],
      chown: '1:2',
      chmod: 'u+x',
      link: true,
      exclude: ['*.o', 'b'],
      from: 'x',
      parents: true,
    },
  );
  assert.deepEqual(read('COPY --link=FALSE ["a b", "/c"]'), {
    kind: 'COPY',
    sources: ['a b'],
    dest: '/c',
    ...rest,
    parents: false,
  });
  assert.deepEqual(read('ADD --checksum=sha256:1 --keep-git-dir --unpack=false u /c'), {
    kind: 'ADD',
    sources: ['u'],
    dest: '/c',
    ...rest,
    checksum: 'sha256:1',
    keepGitDir: true,
    unpack: false,
  });
  refusesLine('COPY a', /two arguments/);
  refusesLine('COPY --link= a b', /true or false/);
  refusesLine('COPY --chown a b', /needs a value/);
  refusesLine('COPY --chown=a --chown=b a b', /twice/);
  refusesLine('COPY --checksum=x a b', /unknown flag/);
  refusesLine('COPY --from=$x a b', /variable/);
});

test('COPY of heredocs', () => {
  assert.deepEqual(read('COPY a <<-"x.sh" <<y /d/', '\t1', 'x.sh', '\t2', 'y'), {
    kind: 'COPY',
    sources: ['a'],
    dest: '/d/',
    inlineSources: [
      { path: 'x.sh', content: '1\n', expand: false },
      { path: 'y', content: '\t2\n', expand: true },
    ],
    link: false,
    exclude: [],
    parents: false,
  });
  refuses(['FROM a', 'COPY x <<E', 'E'], 'DOCKERFILE_INSTRUCTION', /destination/);
});

test('variables and labels, both forms', () => {
  assert.deepEqual(read('ENV a=1 b="x y" c=\\ d'), {
    kind: 'ENV',
    variables: [
      { name: 'a', value: '1', legacy: false },
      { name: 'b', value: '"x y"', legacy: false },
      { name: 'c', value: '\\ d', legacy: false },
    ],
  });
  assert.deepEqual(read('LABEL a  b  c'), {
    kind: 'LABEL',
    labels: [{ name: 'a', value: 'b  c', legacy: true }],
  });
  assert.deepEqual(read('# b is told', 'ARG a b=1 c='), {
    kind: 'ARG',
    args: [{ name: 'a' }, { name: 'b', value: '1', description: 'is told' }, { name: 'c', value: '' }],
  });
  refuses(['FROM a', 'ENV a'], 'DOCKERFILE_PARSE', /name and a value/);
  refuses(['FROM a', 'ENV a=1 b'], 'DOCKERFILE_PARSE', /no = in "b"/);
  refusesLine('ENV =x', /empty/);
  refusesLine('ARG =x', /empty/);
  refusesLine('ENV', /at least one/);
});

test('the small ones', () => {
  assert.deepEqual(read('WORKDIR /a b'), { kind: 'WORKDIR', path: '/a b' });
  assert.deepEqual(read('USER a:b'), { kind: 'USER', user: 'a:b' });
  assert.deepEqual(read('EXPOSE 90 80/udp'), { kind: 'EXPOSE', ports: ['80/udp', '90'] });
  assert.deepEqual(read('VOLUME /a /b'), { kind: 'VOLUME', paths: ['/a', '/b'] });
  assert.deepEqual(read('VOLUME ["/a b"]'), { kind: 'VOLUME', paths: ['/a b'] });
  assert.deepEqual(read('STOPSIGNAL SIGINT'), { kind: 'STOPSIGNAL', signal: 'SIGINT' });
  assert.deepEqual(read('CMD []'), { kind: 'CMD', command: { form: 'exec', args: [] } });
  assert.deepEqual(read('ENTRYPOINT a b'), { kind: 'ENTRYPOINT', command: { form: 'shell', line: 'a b' } });
  assert.deepEqual(read('SHELL ["a", "-c"]'), { kind: 'SHELL', shell: ['a', '-c'] });
  assert.deepEqual(read('MAINTAINER me <a@b>'), { kind: 'MAINTAINER', maintainer: 'me <a@b>' });
  refusesLine('SHELL a', /JSON/);
  refusesLine('SHELL []', /at least one/);
  refusesLine('VOLUME ["a", " "]', /empty/);
  refusesLine('USER', /exactly one/);
});

test('HEALTHCHECK with times in nanoseconds', () => {
  const health = {
    test: ['CMD-SHELL', 'curl -f x'],
    interval: 90e9,
    timeout: 500e6,
    startPeriod: 3600e9,
    startInterval: 1e9,
    retries: 3,
  };
  assert.deepEqual(
    read(
      'HEALTHCHECK --interval=1m30s --timeout=.5s --start-period=1h --start-interval=1s --retries=3 CMD curl -f x',
    ),
    {
      kind: 'HEALTHCHECK',
      health,
    },
  );
  assert.deepEqual(read('HEALTHCHECK --interval=0 cmd ["a"]'), {
    kind: 'HEALTHCHECK',
    health: { test: ['CMD', 'a'] },
  });
  assert.deepEqual(read('HEALTHCHECK --interval=1s none'), {
    kind: 'HEALTHCHECK',
    health: { test: ['NONE'] },
  });
  refusesLine('HEALTHCHECK NONE x', /no arguments/);
  refusesLine('HEALTHCHECK CMD', /no command/);
  refusesLine('HEALTHCHECK PING x', /PING/);
  refusesLine('HEALTHCHECK --interval=10us CMD x', /less than 1ms/);
  refusesLine('HEALTHCHECK --interval=-1s CMD x', /less than 1ms/);
  refusesLine('HEALTHCHECK --interval=5 CMD x', /no duration/);
  refusesLine('HEALTHCHECK --retries=-1 CMD x', /retries/);
});

test('ONBUILD keeps the text, and refuses what can never fire', () => {
  assert.deepEqual(read('onbuild  RUN a \\', ' b'), { kind: 'ONBUILD', trigger: 'RUN a  b' });
  assert.deepEqual(read('ONBUILD COPY <<E /x', 'body', 'E'), {
    kind: 'ONBUILD',
    trigger: 'COPY <<E /x\nbody\nE',
  });
  assert.deepEqual(read('ONBUILD RNU a'), { kind: 'ONBUILD', trigger: 'RNU a' });
  refusesLine('ONBUILD', /needs an instruction/);
  refusesLine('ONBUILD ONBUILD RUN x', /another ONBUILD/);
  refusesLine('ONBUILD FROM x', /FROM/);
  refusesLine('ONBUILD maintainer x', /MAINTAINER/);
});

test('a trigger is read alone', () => {
  assert.deepEqual(strip(parseInstruction('COPY <<E /x\nbody\nE')), {
    kind: 'COPY',
    sources: [],
    dest: '/x',
    inlineSources: [{ path: 'E', content: 'body\n', expand: true }],
    link: false,
    exclude: [],
    parents: false,
  });
  for (const line of ['RNU a', 'RUN a\nRUN b', 'FROM x', '', 'COPY a']) {
    assert.throws(
      () => parseInstruction(line),
      (error) => isFault(error, 'DOCKERFILE_INSTRUCTION', 'DOCKERFILE_PARSE'),
    );
  }
});

test('unknown instructions come with a suggestion', () => {
  refusesLine('RNU make', /unknown instruction RNU, did you mean RUN\?/);
  refusesLine('toString x', /unknown instruction toString/);
});

test('what a Dockerfile needs to be one', () => {
  refuses(['ARG a=1'], 'DOCKERFILE_STAGE', /no FROM/, 1);
  refuses(['RUN x', 'FROM a'], 'DOCKERFILE_STAGE', /before the first FROM/, 1);
  refuses(['FROM a', 'COPY --from=1 x y'], 'DOCKERFILE_STAGE', /no stage 1/);
  refuses(['FROM a', 'COPY --from=-1 x y'], 'DOCKERFILE_STAGE', /no stage -1/);
  refusesLine('FROM a b', /one argument, or three/);
  refusesLine('FROM a AS 1x', /no name for a stage/);
  refusesLine('FROM a IS b', /one argument, or three/);
  refusesLine('FROM', /one argument, or three/);
  assert.throws(() => parse(''), /is empty/);
  assert.equal(parse('FROM a AS x', 'FROM b AS x').stages.length, 2);
});

test('any text is a Dockerfile or is refused with a fault that has a place', () => {
  const words = [
    'FROM a',
    'RUN',
    'COPY',
    'ENV',
    '--mount=',
    '<<E',
    'E',
    '\n',
    '\n',
    ' ',
    '"',
    "'",
    '\\',
    '[',
    ']',
    '=',
    '$',
    '#',
    'ONBUILD',
    'a',
  ];
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...words), maxLength: 30 }), (text) => {
      try {
        parse('FROM scratch', text);
      } catch (error) {
        assert.ok(isFault(error) && error.kind === 'input' && error.location !== undefined, String(error));
      }
    }),
    { numRuns: 2000 },
  );
});

test('large files take no more than linear time', () => {
  const lines = Array.from({ length: 50_000 }, (_, i) => `ENV a${i}="x y" \\\n  b${i}=1`);
  assert.equal(parse('FROM a', ...lines).stages[0]?.instructions.length, 50_000);
  assert.throws(() => parse('FROM a', `${'ONBUILD '.repeat(5000)}RUN x`), /nested too deeply|longer/);
  const blanks = ' '.repeat(60_000);
  assert.equal(
    parse('FROM a', `RUN x${blanks}y \\`, ...Array<string>(50).fill(`${blanks}z \\`)).stages.length,
    1,
  );
});
