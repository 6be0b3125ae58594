import { findWord, type Language } from '../language.ts';

const packages = 'build-essential ccache';

export const c: Language = {
  name: 'C or C++',
  signs: ['CMakeLists.txt', 'Makefile', 'makefile', 'GNUmakefile', 'configure', 'meson.build'],
  reads: ['CMakeLists.txt', 'meson.build'],
  ignores: ['build/', 'cmake-build-*/', '*.o', '*.a', '*.so', '.cache/'],
  dockerfile: `# syntax=docker/dockerfile:1
ARG BASE_IMAGE=debian:12-slim

FROM debian:12 AS build
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \\
    rm -f /etc/apt/apt.conf.d/docker-clean && apt-get update && apt-get install -y --no-install-recommends {{ packages }}
ENV PATH=/usr/lib/ccache:$PATH CCACHE_DIR=/ccache
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/ccache {{ build }}

FROM $BASE_IMAGE
COPY --from=build /out/ /
USER 10001
ENTRYPOINT ["/usr/local/bin/{{ name }}"]
`,
  parameters({ name, files, text }) {
    const [tools, build] = chooseBuild(files);
    const project = findWord(
      files.has('CMakeLists.txt') ? text('CMakeLists.txt') : text('meson.build'),
      /\bproject\s*\(\s*['"]?([\w.-]+)/i,
      name,
    );
    return { packages: tools === '' ? packages : `${packages} ${tools}`, build, name: project };
  },
};

/** Packages beside the compiler, and the commands that put the result under /out. */
function chooseBuild(files: ReadonlySet<string>): readonly [tools: string, build: string] {
  if (files.has('CMakeLists.txt')) {
    return [
      'cmake ninja-build',
      'cmake -G Ninja -S . -B build -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX=/usr/local \\\n' +
        '    && cmake --build build && DESTDIR=/out cmake --install build',
    ];
  }
  if (files.has('meson.build')) {
    return [
      'meson ninja-build',
      'meson setup build --buildtype=release --prefix=/usr/local && DESTDIR=/out meson install -C build',
    ];
  }
  const configure = files.has('configure') ? './configure --prefix=/usr/local && ' : '';
  return ['', `${configure}make -j"$(nproc)" && make install DESTDIR=/out PREFIX=/usr/local`];
}
