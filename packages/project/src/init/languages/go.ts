import { findWord, type Language } from '../language.ts';

export const go: Language = {
  name: 'Go',
  signs: ['go.mod'],
  reads: ['go.mod'],
  ignores: ['bin/', 'dist/', '*.test', 'coverage.out'],
  dockerfile: `# syntax=docker/dockerfile:1
ARG BASE_IMAGE=gcr.io/distroless/static-debian12:nonroot

# the compiler runs on the building machine, whatever the platform of the image
FROM --platform=$BUILDPLATFORM golang:{{ version }} AS build
WORKDIR /src
COPY go.mod {{ sums }}./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
ARG TARGETOS TARGETARCH
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \\
    CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath -ldflags="-s -w" -o /out/{{ name }} {{ package }}

FROM $BASE_IMAGE
COPY --from=build /out/{{ name }} /usr/bin/{{ name }}
USER 65532
ENTRYPOINT ["/usr/bin/{{ name }}"]
`,
  parameters({ name, files, text }) {
    const commands = [...files].flatMap((path) => /^cmd\/([A-Za-z0-9_.-]+)\//.exec(path)?.[1] ?? []);
    const command = commands.includes(name) ? name : commands[0];
    return {
      name,
      version: findWord(text('go.mod'), /^go[ \t]+(\d+\.\d+)/m, '1'),
      sums: files.has('go.sum') ? 'go.sum ' : '',
      package: files.has('main.go') || command === undefined ? '.' : `./cmd/${command}`,
    };
  },
};
