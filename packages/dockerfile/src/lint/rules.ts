/** One build check, as data: displays name it, docs are made from it. */
export interface LintRule {
  /** One line. */
  readonly title: string;
  /** What is wrong with it and what to write instead; a paragraph. */
  readonly doc: string;
  /** Off, unless `# check=experimental=...` names it. */
  readonly experimental?: boolean;
}

/** Every check by its name; the names are those of Docker's build checks, so that `# check=skip=...` means the same. */
export const lintRules = {
  StageNameCasing: {
    title: 'Names of stages should be lower case',
    doc: 'Names of stages are compared without regard to case and kept in lower case. Writing them in lower case everywhere (`FROM golang AS build`) avoids the impression that `Build` and `build` were two stages.',
  },
  FromAsCasing: {
    title: 'FROM and AS should have the same case',
    doc: 'Both words are keywords of one instruction. Write `FROM image AS name` or `from image as name`; a mixture is harder to read.',
  },
  NoEmptyContinuation: {
    title: 'A continued line should not be followed by a blank line',
    doc: 'After a line that ends with the escape character the instruction goes on, over blank lines too. That is easily read as the end of the instruction. Remove the blank line, or put a comment there: comments inside a continuation are fine.',
  },
  ConsistentInstructionCasing: {
    title: 'Keywords should be all upper case or all lower case',
    doc: 'Keywords have no case, but a file that mixes `RUN`, `run` and `Run` is harder to scan. Follow the case that most instructions of the file have.',
  },
  DuplicateStageName: {
    title: 'Names of stages should be unique',
    doc: 'Where two stages have one name, the later one hides the earlier one, which then can be used by number only. Give each stage a name of its own.',
  },
  ReservedStageName: {
    title: 'Reserved words should not name stages',
    doc: '`scratch` is the empty base and `context` means the build context; a stage of that name cannot be told from them. Choose another name.',
  },
  JSONArgsRecommended: {
    title: 'CMD and ENTRYPOINT should be JSON arrays',
    doc: 'In shell form a shell becomes the first process of the container; it does not pass signals on, so `docker stop` waits and then kills. Write `CMD ["program", "argument"]`. Where a shell is wanted, say so with `SHELL`, or with `["sh", "-c", "..."]`.',
  },
  MaintainerDeprecated: {
    title: 'MAINTAINER is deprecated',
    doc: 'The instruction has long been replaced by a label, which tools can read. Write `LABEL org.opencontainers.image.authors="name"`.',
  },
  UndefinedArgInFrom: {
    title: 'FROM uses a variable that is not declared',
    doc: 'Variables of FROM must be declared with ARG before the first FROM, or be one of the predefined platform variables; anything else expands to nothing. The name is probably misspelt.',
  },
  WorkdirRelativePath: {
    title: 'The first WORKDIR of an image should be absolute',
    doc: 'A relative WORKDIR is appended to that of the base image, which may change with its next version. Begin with an absolute path; relative ones after it are fine.',
  },
  UndefinedVar: {
    title: 'A variable is used before it is set',
    doc: 'A variable that neither ENV nor ARG has set on an earlier line of the stage expands to nothing. The name is misspelt, or an ARG is missing: one before the first FROM must be declared again inside the stage.',
  },
  MultipleInstructionsDisallowed: {
    title: 'Only the last of several CMD, ENTRYPOINT or HEALTHCHECK counts',
    doc: 'An image has one command, one entry point and one health check, so each such instruction replaces the one before it in the stage. Remove those that have no effect.',
  },
  LegacyKeyValueFormat: {
    title: 'ENV and LABEL should be written with =',
    doc: '`ENV name value` is an old form that sets one variable only and takes the rest of the line, spaces included. Write `ENV name=value`, and quote a value that has spaces.',
  },
  RedundantTargetPlatform: {
    title: 'FROM --platform=$TARGETPLATFORM is what happens anyway',
    doc: 'Without `--platform` a base is resolved for the platform that is built, which is exactly what `$TARGETPLATFORM` says. Leave the flag out.',
  },
  SecretsUsedInArgOrEnv: {
    title: 'Secrets should not be in ARG or ENV',
    doc: "Values of ENV are part of the image, and values of ARG are part of its history; whoever can pull the image can read them. Use `RUN --mount=type=secret` for what a step needs, and the container's environment for what the program needs.",
  },
  InvalidDefaultArgInFrom: {
    title: 'The defaults of ARG give no valid image for FROM',
    doc: 'A Dockerfile should build without `--build-arg`. Here the base becomes empty or malformed when nothing is passed: `ARG TAG` with `FROM alpine:$TAG`. Give the ARG a default.',
  },
  FromPlatformFlagConstDisallowed: {
    title: 'FROM --platform should not be a constant',
    doc: 'A fixed platform makes the stage the same on every platform, so the Dockerfile cannot be built for others. Pass the platform to the build, or use `$BUILDPLATFORM` or `$TARGETPLATFORM`. A stage that has the platform in its name is taken to mean it.',
  },
  CopyIgnoredFile: {
    title: 'COPY or ADD of something that the ignore file leaves out',
    doc: 'The path matches a pattern of `.dockerignore`, so it is not in the context and the step will fail or copy less than it seems to. Change the pattern, or take it back with a line that begins with `!`.',
  },
  InvalidDefinitionDescription: {
    title: 'The comment above a stage or ARG should describe it',
    doc: 'A comment directly above FROM or ARG that begins with the name (`# build compiles the program`) is shown as its description. One of another form is not; put a blank line between if it is no description.',
    experimental: true,
  },
  ExposeProtoCasing: {
    title: 'The protocol of EXPOSE should be lower case',
    doc: 'The image keeps the protocol in lower case whatever is written. Write `EXPOSE 80/tcp`.',
  },
  ExposeInvalidFormat: {
    title: 'EXPOSE should have neither address nor host port',
    doc: 'EXPOSE says on which port the container listens. Addresses and ports of the host are chosen when it is started (`-p 8080:80`); here they have no effect. Write `EXPOSE 80`.',
  },
} as const satisfies Readonly<Record<string, LintRule>>;

export type LintRuleName = keyof typeof lintRules;
