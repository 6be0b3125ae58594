import { findWord, type Language } from '../language.ts';

export const maven: Language = {
  name: 'Java (Maven)',
  signs: ['pom.xml'],
  reads: ['pom.xml'],
  ignores: ['target/', '.idea/', '*.iml'],
  dockerfile: `# syntax=docker/dockerfile:1
ARG BASE_IMAGE=eclipse-temurin:{{ version }}-jre

# class files are the same on all platforms
FROM --platform=$BUILDPLATFORM {{ image }} AS build
WORKDIR /src
COPY . .
# of several archives the largest one has the others in it
RUN --mount=type=cache,target=/root/.m2 \\
    {{ maven }} -B -DskipTests package \\
    && cp "$(find . -path '*/target/*.[jw]ar' ! -path '*/target/*/*' ! -name '*-sources.jar' ! -name '*-javadoc.jar' ! -name 'original-*' -exec ls -S {} + | head -n 1)" /app.jar

FROM $BASE_IMAGE
COPY --from=build /app.jar /app.jar
USER 10001
ENTRYPOINT ["java", "-jar", "/app.jar"]
`,
  parameters({ files, text }) {
    const pom = text('pom.xml');
    const form =
      /<(?:maven\.compiler\.release|maven\.compiler\.source|java\.version|release)>\s*(?:1\.)?(\d{1,2})\s*</;
    const version = atLeastJava8(findWord(pom, form, '21'));
    const hasWrapper = files.has('mvnw');
    return {
      version,
      image: hasWrapper ? `eclipse-temurin:${version}-jdk` : `maven:3-eclipse-temurin-${version}`,
      maven: hasWrapper ? 'sh ./mvnw' : 'mvn',
    };
  },
  advice: ({ text }) =>
    /spring-boot|<mainClass>|quarkus/.test(text('pom.xml'))
      ? []
      : ['The jar has to be one that java -jar starts: with Main-Class, and with what it depends on in it.'],
};

/** Images of Java are made for the versions that are supported for long. */
export function atLeastJava8(version: string): string {
  return String([8, 11, 17, 21, 25].find((one) => one >= Number(version)) ?? 25);
}
