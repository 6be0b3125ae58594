import type { Language, StarterFolder } from '../language.ts';
import { findWord } from '../language.ts';
import { atLeastJava8 } from './maven.ts';

const scripts = ['build.gradle', 'build.gradle.kts', 'app/build.gradle', 'app/build.gradle.kts'];

export const gradle: Language = {
  name: 'Java (Gradle)',
  signs: ['build.gradle', 'build.gradle.kts', 'settings.gradle', 'settings.gradle.kts'],
  reads: scripts,
  ignores: ['build/', '.gradle/', '.idea/', '*.iml'],
  dockerfile: `# syntax=docker/dockerfile:1
ARG BASE_IMAGE=eclipse-temurin:{{ version }}-jre

# class files are the same on all platforms
FROM --platform=$BUILDPLATFORM {{ image }} AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/root/.gradle \\
    GRADLE_USER_HOME=/root/.gradle {{ gradle }} --no-daemon {{ task }} \\
    && {{ collect }}

FROM $BASE_IMAGE
COPY --from=build {{ result }} {{ result }}
USER 10001
ENTRYPOINT {{ command }}
`,
  parameters(folder) {
    const form =
      /(?:languageVersion[^\n]{0,40}?of\(|sourceCompatibility[^\n]{0,40}?|jvmToolchain\()\D{0,20}(\d{1,2})\b/;
    const version = atLeastJava8(findWord(readScripts(folder), form, '21'));
    const hasWrapper = folder.files.has('gradlew');
    return {
      version,
      image: hasWrapper ? `eclipse-temurin:${version}-jdk` : `gradle:jdk${version}`,
      gradle: hasWrapper ? 'sh ./gradlew' : 'gradle',
      ...(isApplication(folder) ? distribution : archive),
    };
  },
};

/** The plugin `application` makes a folder of jars with a script that starts them. */
const distribution = {
  task: 'installDist',
  collect:
    'cp -r "$(find . -path \'*/build/install/*\' -prune | head -n 1)" /app && cd /app/bin && rm -f *.bat && mv * start',
  result: '/app',
  command: '["/app/bin/start"]',
};

/** Of several archives the largest one has the others in it. */
const archive = {
  task: 'assemble',
  collect:
    "cp \"$(find . -path '*/build/libs/*.[jw]ar' ! -name '*-plain.jar' ! -name '*-sources.jar' ! -name '*-javadoc.jar' -exec ls -S {} + | head -n 1)\" /app.jar",
  result: '/app.jar',
  command: '["java", "-jar", "/app.jar"]',
};

function isApplication(folder: StarterFolder): boolean {
  const text = readScripts(folder);
  return (
    !/org\.springframework\.boot/.test(text) &&
    /^\s*(?:id[ (]+["']application["']|application\s*$|apply plugin: ["']application["'])/m.test(text)
  );
}

function readScripts({ text }: StarterFolder): string {
  return scripts.map((name) => text(name)).join('\n');
}
