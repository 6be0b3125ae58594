import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeBusyboxRoot, requireProgram } from '@onebuild/testkit';
import { buildFiles } from './build-files.fixture.ts';

const dockerfile = `FROM scratch
COPY . /
RUN <<END
#!/bin/sh
id -G > /groups
END
RUN --mount=type=ssh echo $SSH_AUTH_SOCK $http_proxy $HTTP_PROXY > /variables
RUN --mount=type=cache,id=c,target=/c stat -c '%a %u' /c > /modes && touch /c/mine
RUN --mount=type=cache,id=c,target=/c,mode=0700,uid=5 stat -c '%a %u' /c >> /modes && ls /c >> /modes
RUN --mount=type=cache,id=c,target=/c ls /c >> /modes
`;

test('what a command finds: its script, groups, variables, caches of its own', async (t) => {
  requireProgram(t, 'crun', 'apt-get install crun');
  const files = await buildFiles(t, dockerfile, {
    fill: makeBusyboxRoot,
    buildArgs: { http_proxy: 'http://127.0.0.1:1' },
  });
  const read = (name: string) => readFileSync(join(files, name), 'utf8');
  assert.equal(read('groups'), '0\n');
  assert.equal(read('variables'), '/run/buildkit/ssh_agent.0 http://127.0.0.1:1 http://127.0.0.1:1\n');
  assert.equal(read('modes'), '755 0\n700 5\nmine\n');
});
