import { findWord, type Language } from '../language.ts';

export const maven: Language = {
  name: 'Java (Maven)',
  signs: ['pom.xml'],
  reads: ['pom.xml'],
  ignores: ['target/', '.mvn/wrapper/maven-wrapper.jar', '.idea/', '*.iml'],
  dockerfile: `# syntax=docker/dockerfile:1
ARG BASE_IMAGE=eclipse-temurin:{{ version }}-jre

# class files are the same on all platforms
FROM --platform=$BUILDPLATFORM maven:3-eclipse-temurin-{{ version }} AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/root/.m2 mvn -B -DskipTests package \\
    && cp "$(find target -maxdepth 1 -name '*.jar' ! -name '*-sources.jar' ! -name '*-javadoc.jar' ! -name 'original-*' | head -n 1)" /app.jar

FROM $BASE_IMAGE
COPY --from=build /app.jar /app.jar
USER 10001
ENTRYPOINT ["java", "-jar", "/app.jar"]
`,
  parameters({ text }) {
    const pom = text('pom.xml');
    const form =
      /<(?:maven\.compiler\.release|maven\.compiler\.source|java\.version|release)>\s*(?:1\.)?(\d{1,2})\s*</;
    return { version: atLeastJava8(findWord(pom, form, '21')) };
  },
};

/** Images of Java are made for the versions that are supported for long. */
export function atLeastJava8(version: string): string {
  return String([8, 11, 17, 21, 25].find((one) => one >= Number(version)) ?? 25);
}
