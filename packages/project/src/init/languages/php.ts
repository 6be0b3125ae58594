import { findVersion } from '../find-version.ts';
import type { Language } from '../language.ts';

export const php: Language = {
  name: 'PHP',
  signs: ['composer.json', 'index.php', 'public/index.php'],
  reads: ['composer.json'],
  ignores: ['vendor/', 'node_modules/', '.phpunit.result.cache', '*.log'],
  dockerfile: `# syntax=docker/dockerfile:1
ARG BASE_IMAGE=php:{{ version }}-apache

# PHP code is the same on all platforms
FROM --platform=$BUILDPLATFORM composer:2 AS build
WORKDIR /app
{{ install }}

FROM $BASE_IMAGE
# a port that needs no root
COPY <<CONF /etc/apache2/ports.conf
Listen 8080
CONF
COPY <<CONF /etc/apache2/sites-available/000-default.conf
<VirtualHost *:8080>
  DocumentRoot {{ root }}
</VirtualHost>
CONF
COPY --from=build /app /var/www/html
USER www-data
EXPOSE 8080
`,
  parameters({ files, text }) {
    const required = /"php"\s*:\s*"([^"]{1,100})"/.exec(text('composer.json'))?.[1] ?? '';
    return {
      version: findVersion([/^\s*(?:~\s*|=*\s*|\^?\s*(?=7))(\d\.\d)/.exec(required)?.[1], '8.4']),
      install: files.has('composer.json')
        ? composerSteps(files.has('composer.lock'))
        : '# no composer.json: nothing to install\nCOPY . .',
      root: files.has('public/index.php') ? '/var/www/html/public' : '/var/www/html',
    };
  },
};

/** Packages first, then the sources that their classes are looked up in. */
function composerSteps(isLocked: boolean): string {
  return `COPY composer.json ${isLocked ? 'composer.lock ' : ''}./
RUN --mount=type=cache,target=/tmp/cache \\
    COMPOSER_CACHE_DIR=/tmp/cache composer install --no-dev --no-interaction --no-scripts --no-autoloader --ignore-platform-reqs
COPY . .
RUN composer dump-autoload --no-dev --no-scripts --optimize --ignore-platform-reqs`;
}
