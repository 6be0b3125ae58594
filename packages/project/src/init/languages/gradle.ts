import { findWord, type Language } from '../language.ts';
import { atLeastJava8 } from './maven.ts';

export const gradle: Language = {
  name: 'Java (Gradle)',
  signs: ['build.gradle', 'build.gradle.kts', 'settings.gradle', 'settings.gradle.kts'],
  reads: ['build.gradle', 'build.gradle.kts'],
  ignores: ['build/', '.gradle/', '.idea/', '*.iml'],
  dockerfile: `# syntax=docker/dockerfile:1
ARG BASE_IMAGE=eclipse-temurin:{{ version }}-jre

# class files are the same on all platforms
FROM --platform=$BUILDPLATFORM {{ image }} AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/root/.gradle GRADLE_USER_HOME=/root/.gradle {{ gradle }} --no-daemon assemble \\
    && cp "$(find build/libs -maxdepth 1 -name '*.jar' ! -name '*-plain.jar' ! -name '*-sources.jar' | head -n 1)" /app.jar

FROM $BASE_IMAGE
COPY --from=build /app.jar /app.jar
USER 10001
ENTRYPOINT ["java", "-jar", "/app.jar"]
`,
  parameters({ files, text }) {
    const script = text('build.gradle') + text('build.gradle.kts');
    const form =
      /(?:languageVersion[^\n]{0,40}?of\(|sourceCompatibility[^\n]{0,40}?|jvmToolchain\()\D{0,20}(\d{1,2})\b/;
    const version = atLeastJava8(findWord(script, form, '21'));
    const hasWrapper = files.has('gradlew');
    return {
      version,
      image: hasWrapper ? `eclipse-temurin:${version}-jdk` : `gradle:jdk${version}`,
      gradle: hasWrapper ? 'sh ./gradlew' : 'gradle',
    };
  },
};
