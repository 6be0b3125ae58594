import { findWord, type Language } from '../language.ts';

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
COPY . .
{{ install }}

FROM $BASE_IMAGE
{{ root }}COPY --from=build /app /var/www/html
EXPOSE 80
`,
  parameters({ files, text }) {
    const install =
      'RUN --mount=type=cache,target=/tmp/cache COMPOSER_CACHE_DIR=/tmp/cache \\\n' +
      '    composer install --no-dev --no-interaction --no-scripts --optimize-autoloader --ignore-platform-reqs';
    return {
      version: findWord(text('composer.json'), /"php"\s*:\s*"(?:~\s*|\D{0,3}(?=7))(\d\.\d)/, '8.4'),
      install: files.has('composer.json') ? install : '# no composer.json: nothing to install',
      root: files.has('public/index.php')
        ? "RUN sed -i 's!/var/www/html!/var/www/html/public!g' /etc/apache2/sites-available/000-default.conf\n"
        : '',
    };
  },
};
