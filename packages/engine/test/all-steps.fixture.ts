import { execFileSync } from 'node:child_process';
import { chmodSync, linkSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { findProgram } from '@onebuild/testkit';
import type { Draft } from './cache-bench.ts';

const secret = 'the-token-of-all-steps';

/** Fills a context with files of all kinds; `files.tar` in it has, for root, a program with a capability. */
export function fillContext(folder: string): void {
  const write = (name: string, text: string, mode = 0o644) => {
    writeFileSync(join(folder, name), text);
    chmodSync(join(folder, name), mode);
  };
  for (const name of ['sub/deep', 'tree/x/y', 'packed/inner'])
    mkdirSync(join(folder, name), { recursive: true });
  write('sub/a', 'a\n', 0o640);
  write('sub/deep/b', 'b\n', 0o755);
  write('sub/skip.log', 'log\n');
  write('tree/x/one.txt', 'one\n');
  write('tree/x/y/two.txt', 'two\n');
  symlinkSync('a', join(folder, 'sub/link'));
  symlinkSync('/nowhere', join(folder, 'sub/lost'));
  linkSync(join(folder, 'sub/a'), join(folder, 'sub/hard'));
  write('packed/suid', 'suid\n', 0o4755);
  write('packed/inner/file', 'file\n', 0o600);
  linkSync(join(folder, 'packed/suid'), join(folder, 'packed/inner/same'));
  symlinkSync('../suid', join(folder, 'packed/inner/up'));
  chmodSync(join(folder, 'packed/inner'), 0o3770);
  utimesSync(join(folder, 'sub/a'), 1_600_000_000, 1_600_000_000);
  write('packed/capable', 'capable\n', 0o755);
  if (process.getuid?.() === 0 && findProgram('setcap') !== undefined)
    execFileSync('setcap', ['cap_net_bind_service=ep', join(folder, 'packed/capable')]);
  const tar = ['-C', join(folder, 'packed'), '--xattrs', '--xattrs-include=*'];
  execFileSync('tar', [...tar, '-cf', join(folder, 'files.tar'), '.']);
}

export interface SteadyServer {
  readonly url: string;
  /** What it gives at every path from now on. */
  body: string;
  close(): Promise<void>;
}

/** Serves one text, always of the same time. */
export async function serveText(body: string): Promise<SteadyServer> {
  const state = { body };
  const server = createServer(({ url }, answer) => {
    answer.writeHead(200, { 'last-modified': 'Mon, 01 Jan 2024 00:00:00 GMT' });
    answer.end(`${state.body} ${url}`);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  return Object.assign(state, { url: `http://127.0.0.1:${port}`, close });
}

/** Dockerfiles with steps of all kinds. */
export function allSteps(base: string, url: string): Readonly<Record<string, Draft>> {
  const texts: Readonly<Record<string, string>> = {
    mounts: `FROM ${base} AS tools
RUN mkdir /tools && echo tool > /tools/tool
FROM ${base}
RUN --mount=type=bind,source=sub,target=/ctx --mount=type=bind,from=tools,source=/tools,target=/t \\
    --mount=type=cache,target=/m --mount=type=tmpfs,target=/scratch \\
    --mount=type=secret,id=token,env=TOKEN --mount=type=secret,id=token,target=/s/token,mode=0444 \\
    cat /ctx/a /t/tool > /got && echo "\${#TOKEN}" >> /got && wc -c < /s/token >> /got && date > /scratch/x && date > /m/now
RUN --mount=type=bind,from=tools,target=/all,rw echo more > /all/more && ls /all/tools > /listed
`,
    heredocs: `FROM ${base}
RUN <<EOF
set -e
mkdir /h
echo one > /h/one
EOF
RUN <<"FIRST" cat > /h/two
from the first $HOME
FIRST
COPY --chmod=0750 <<a.sh <<b.txt /scripts/
#!/bin/sh
a.sh
text
b.txt
`,
    copies: `FROM ${base} AS from
RUN mkdir -p /o/p && echo o > /o/p/q && chown -R 7:8 /o && chmod 2711 /o/p
FROM ${base}
COPY --chown=5:6 --chmod=4751 sub/a /owned
COPY --exclude=*.log --exclude=deep sub /excluded/
COPY --parents tree/./x/*.txt tree/x/y /parents/
COPY --link --chown=1000 sub/deep /linked/sub/
COPY --from=from /o /taken
COPY --from=from --link --chmod=go-rwx /o/p /taken/again
COPY sub /plain
`,
    adds: `FROM ${base}
ADD files.tar /unpacked/
ADD --chmod=0600 ${url}/by-url /fetched/
ADD ${url}/named.txt /named
ADD --link --chown=9:9 files.tar /kept/
`,
    words: `ARG OUTER=outer
FROM ${base} AS words
ARG OUTER
ARG GIVEN=none
ENV A=1 B="$OUTER $GIVEN"
WORKDIR /w/deep
RUN echo "$A $B" > words && id -u > id
USER app
WORKDIR later
RUN echo "$A $PWD \${GIVEN}" > /tmp/by-app && id -u >> /tmp/by-app
SHELL ["/bin/sh", "-ec"]
ENV C=\${B:+c}
RUN echo $C > /tmp/c
CMD ["cat", "/tmp/c"]
`,
    stages: `FROM ${base} AS one
RUN mkdir /one && echo 1 > /one/1
FROM one AS two
RUN echo 2 > /one/2 && rm /one/1
FROM scratch AS bare
COPY --from=two /one /kept
FROM ${base}
COPY --from=bare / /bare
COPY --from=one / /whole
RUN ls /bare/kept /whole/one > /both
`,
    nothing: `FROM ${base}
RUN true
RUN echo x > /x && rm /x
RUN chmod 0755 /bin && cat /etc/passwd > /dev/null
COPY --from=${base} /etc/group /etc/group
WORKDIR /
LABEL empty=yes
RUN echo y > /y
RUN true && true
`,
    removed: `FROM ${base}
RUN mkdir -p /r/s/t && echo 1 > /r/one && echo 2 > /r/s/two && echo 3 > /r/s/t/three
RUN rm /etc/group /r/one && rm -r /r/s/t
RUN rm -r /r/s && ln -s /etc /r/s && rm /bin/wget && mkdir /bin/wget && echo w > /bin/wget/w
RUN rm -r /bin/wget /r && echo back > /r && echo g > /etc/group
`,
    links: `FROM ${base} AS made
RUN mkdir /l && echo x > /l/a && ln /l/a /l/b && ln -s b /l/c && ln /l/c /l/d && ln /etc/passwd /l/passwd
FROM made
RUN ln /l/a /l/e && rm /l/b
RUN echo y >> /l/e
COPY --from=made /l /other
RUN ln /other/a /l/from-other && mv /l/c /l/moved
`,
    modes: `FROM ${base}
RUN mkdir -p /p/q && echo s > /p/suid && chown 4242:4343 /p/suid && chmod 6755 /p/suid && mkfifo /p/pipe && chmod 1777 /p/q
RUN echo n > "/p/with space" && echo ä > /p/äöü && touch "/p/$(printf '%0150d' 7)"
RUN chmod 0000 /p/suid && chown 0:0 /p/q && chmod 2070 /p
RUN head -c 300000 /dev/zero > /p/zeros && seq 30000 > /p/numbers
`,
    capable: `FROM ${base} AS capable
ADD files.tar /c/
RUN echo beside > /c/beside
FROM ${base}
COPY --from=capable /c /d
RUN mv /d/capable /d/moved && cp /d/beside /d/other
COPY --from=capable /c/capable /e
`,
    opaque: `FROM ${base}
RUN mkdir -p /d/e /f/g && echo 1 > /d/1 && echo 2 > /d/e/2 && echo 3 > /f/g/3
RUN rm -rf /d && mkdir /d && echo new > /d/new
RUN rm -rf /f && mkdir -p /f/g && mv /d /moved && rm -rf /root && mkdir -m 0700 /root
RUN rm -rf /moved /f/g && mkdir /moved && echo again > /d
`,
  };
  const common = {
    secrets: { token: { type: 'value', value: secret } },
    buildArgs: { GIVEN: 'given' },
  } as const;
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, { ...common, text }]));
}

const notTheImages = ['/proc', '/sys', '/dev', '/etc/resolv.conf', '/etc/hosts', '/etc/hostname'];
const found = `find / -xdev \\( ${notTheImages.map((path) => `-path ${path}`).join(' -o ')} \\) -prune -o ! -path '/bin/[a-v]*'`;

/** One step more, which prints what all files are like there; `/` and `/etc` have mounts of the step in them. */
export function withListing(drafts: Readonly<Record<string, Draft>>): Readonly<Record<string, Draft>> {
  const lines = (name: string) => [
    'USER 0',
    'SHELL ["/bin/sh", "-c"]',
    'RUN <<EOF',
    'cd /',
    `{ ${found} -type d -exec stat -c '%N %f %u %g %Y' {} + | grep -v '^/ \\|^/etc '`,
    `${found} -type f -exec stat -c '%N %F %f %u %g %s %Y %h' {} +`,
    `${found} ! -type d ! -type f -exec stat -c '%N %F %f %u %g %s %Y' {} +`,
    `${found} -type f -exec sha256sum {} +; } | sort | sed 's#^#${name}: #'`,
    'EOF',
    '',
  ];
  return Object.fromEntries(
    Object.entries(drafts).map(([name, draft]) => [
      name,
      { ...draft, text: `${draft.text}${lines(name).join('\n')}` },
    ]),
  );
}
