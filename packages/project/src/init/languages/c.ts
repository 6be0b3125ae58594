import { findWord, type Language, type StarterFolder } from '../language.ts';

const packages = 'build-essential ccache';
const makefiles = ['Makefile', 'makefile', 'GNUmakefile'];

export const c: Language = {
  name: 'C or C++',
  signs: ['CMakeLists.txt', 'meson.build', 'configure', ...makefiles],
  reads: ['CMakeLists.txt', 'meson.build', ...makefiles],
  ignores: ['build/', 'cmake-build-*/', '*.o', '*.a', '*.so', '.cache/'],
  dockerfile: `# syntax=docker/dockerfile:1
ARG BASE_IMAGE=debian:12-slim

FROM debian:12 AS build
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \\
    rm -f /etc/apt/apt.conf.d/docker-clean && apt-get update && apt-get install -y --no-install-recommends {{ packages }}
ENV PATH=/usr/lib/ccache:$PATH CCACHE_DIR=/ccache
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/ccache \\
    {{ build }}

FROM $BASE_IMAGE
COPY --from=build /out/ /
USER 10001
ENTRYPOINT ["/usr/local/bin/{{ name }}"]
`,
  parameters(folder) {
    const { tools, build, name } = chooseBuild(folder);
    return {
      packages: tools === '' ? packages : `${packages} ${tools}`,
      build: build.join(' \\\n    && '),
      name,
    };
  },
  advice: (folder) => [`The program is taken to be ${chooseBuild(folder).name}: correct it where it is not.`],
};

interface CBuild {
  /** Packages beside the compiler. */
  readonly tools: string;
  /** Commands that put the result under /out. */
  readonly build: readonly string[];
  /** Of the program. */
  readonly name: string;
}

function chooseBuild(folder: StarterFolder): CBuild {
  if (folder.files.has('CMakeLists.txt')) return buildWithCmake(folder);
  return folder.files.has('meson.build') ? buildWithMeson(folder) : buildWithMake(folder);
}

function buildWithCmake({ text, name }: StarterFolder): CBuild {
  const project = text('CMakeLists.txt');
  const program = findWord(project, /\badd_executable\s*\(\s*([\w.-]+)/i, '') || findProject(project, name);
  const installs = /^\s*install\s*\(/im.test(project) || /\badd_subdirectory\b/i.test(project);
  return {
    tools: 'cmake ninja-build',
    build: [
      'cmake -G Ninja -S . -B build -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX=/usr/local',
      'cmake --build build',
      installs ? 'DESTDIR=/out cmake --install build' : collect(program, 'build'),
    ],
    name: program,
  };
}

function buildWithMeson({ text, name }: StarterFolder): CBuild {
  const project = text('meson.build');
  const program = findWord(project, /\bexecutable\s*\(\s*'([\w.-]+)'/, '') || findProject(project, name);
  const installs = /\binstall\s*:\s*true|\bsubdir\s*\(/.test(project);
  return {
    tools: 'meson ninja-build',
    build: [
      'meson setup build --buildtype=release --prefix=/usr/local',
      ...(installs
        ? ['DESTDIR=/out meson install -C build']
        : ['meson compile -C build', collect(program, 'build')]),
    ],
    name: program,
  };
}

function buildWithMake({ files, text, name }: StarterFolder): CBuild {
  const rules = makefiles.map((file) => text(file)).join('\n');
  const variable = /^(?:TARGET|PROG|PROGRAM|BIN|BINARY|EXE|EXECUTABLE)[ \t]*[:?]?=[ \t]*([\w.-]+)[ \t]*$/m;
  const program = findWord(rules, variable, '') || findWord(rules, /^all[ \t]*:[ \t]*([\w.-]+)/m, name);
  const isConfigured = files.has('configure');
  const installs = isConfigured || /^install[ \t]*:/m.test(rules);
  return {
    tools: '',
    build: [
      ...(isConfigured ? ['sh ./configure --prefix=/usr/local'] : []),
      'make -j"$(nproc)"',
      installs ? 'make install DESTDIR=/out PREFIX=/usr/local' : collect(program, '.'),
    ],
    name: program,
  };
}

function findProject(text: string, otherwise: string): string {
  return findWord(text, /\bproject\s*\(\s*['"]?([\w.-]+)/i, otherwise);
}

/** Takes a program from where it was built; fails where it is not. */
function collect(program: string, folder: string): string {
  return `install -D "$(find ${folder} -type f -perm -u+x -name ${program} | head -n 1)" /out/usr/local/bin/${program}`;
}
