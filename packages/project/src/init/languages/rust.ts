import { findWord, type Language } from '../language.ts';

export const rust: Language = {
  name: 'Rust',
  signs: ['Cargo.toml'],
  reads: ['Cargo.toml', 'rust-toolchain', 'rust-toolchain.toml'],
  ignores: ['target/', '*.rs.bk'],
  dockerfile: `# syntax=docker/dockerfile:1
ARG BASE_IMAGE=gcr.io/distroless/cc-debian12:nonroot

FROM {{ image }} AS build
WORKDIR /src
COPY . .
ARG TARGETARCH
# the folder of targets is a cache: what is needed of it is copied out in the same step
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/target \\
    cargo build --release{{ locked }} --target-dir /target/$TARGETARCH \\
    && mkdir /out && cp /target/$TARGETARCH/release/{{ name }} /out/

FROM $BASE_IMAGE
COPY --from=build /out/{{ name }} /usr/bin/{{ name }}
USER 65532
ENTRYPOINT ["/usr/bin/{{ name }}"]
`,
  parameters({ name, files, text }) {
    const manifest = text('Cargo.toml');
    const binary = findWord(manifest, /^\[\[bin\]\][^[]*?^name\s*=\s*"([^"]+)"/ms, '');
    return {
      image: imageOf(`${text('rust-toolchain.toml')}\n${text('rust-toolchain')}`),
      name: binary || findWord(manifest, /^\[package\][^[]*?^name\s*=\s*"([^"]+)"/ms, name),
      locked: files.has('Cargo.lock') ? ' --locked' : '',
    };
  },
  advice: ({ text }) =>
    /^\[package\]/m.test(text('Cargo.toml'))
      ? []
      : ['Cargo.toml has no package: correct the name of the program, or name one with --package.'],
};

/** The toolchain that the project names, so that rustup has nothing to fetch. */
function imageOf(toolchain: string): string {
  const channel = /^\s*(?:channel\s*=\s*["'])?(\d+\.\d+(?:\.\d+)?|nightly)/m.exec(toolchain)?.[1];
  if (channel === 'nightly') return 'rustlang/rust:nightly-bookworm';
  return `rust:${channel ?? '1'}-bookworm`;
}
