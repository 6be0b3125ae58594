import { findWord, type Language } from '../language.ts';

export const rust: Language = {
  name: 'Rust',
  signs: ['Cargo.toml'],
  reads: ['Cargo.toml'],
  ignores: ['target/', '*.rs.bk'],
  dockerfile: `# syntax=docker/dockerfile:1
ARG BASE_IMAGE=gcr.io/distroless/cc-debian12:nonroot

FROM rust:1-bookworm AS build
WORKDIR /src
COPY . .
# the folder of targets is a cache: what is needed of it is copied out in the same step
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/src/target \\
    cargo build --release{{ locked }} && mkdir /out && cp target/release/{{ name }} /out/

FROM $BASE_IMAGE
COPY --from=build /out/{{ name }} /usr/bin/{{ name }}
ENTRYPOINT ["/usr/bin/{{ name }}"]
`,
  parameters({ name, files, text }) {
    const manifest = text('Cargo.toml');
    const binary = findWord(manifest, /^\[\[bin\]\][^[]*?^name\s*=\s*"([^"]+)"/ms, '');
    return {
      name: binary || findWord(manifest, /^\[package\][^[]*?^name\s*=\s*"([^"]+)"/ms, name),
      locked: files.has('Cargo.lock') ? ' --locked' : '',
    };
  },
};
