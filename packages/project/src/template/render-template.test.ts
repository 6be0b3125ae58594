import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OneBuildError } from '@onebuild/core';
import { renderTemplate } from './render-template.ts';

function render(text: string, parameters: Readonly<Record<string, string>> = {}): string {
  return renderTemplate({ name: 'Dockerfile', text }, parameters);
}

test('parameters are put in, once', () => {
  assert.equal(
    render('FROM {{ base }}:{{tag}}\n', { base: 'debian', tag: '{{ base }}' }),
    'FROM debian:{{ base }}\n',
  );
});

test('a text without braces stays as it is; braces behind a backslash lose it', () => {
  assert.equal(render('RUN echo ${a} {x}'), 'RUN echo ${a} {x}');
  assert.equal(render("RUN docker ps --format '\\{{ .ID }}'"), "RUN docker ps --format '{{ .ID }}'");
  assert.equal(render('\\{{ base }}', { base: 'x' }), '{{ base }}');
});

test('parameters and braces that are not known are faults with their place', () => {
  const place = (text: string, parameters = {}) => {
    try {
      render(text, parameters);
    } catch (error) {
      assert.ok(error instanceof OneBuildError && error.code === 'TEMPLATE_PARAMETER');
      return `${error.location?.line}:${error.location?.column} ${error.message}`;
    }
    return 'no fault';
  };
  assert.equal(
    place('FROM a\nCOPY {{ basse }} /', { base: '' }),
    '2:6 there is no parameter basse, did you mean base?',
  );
  assert.equal(place('{{ constructor }}'), '1:1 there is no parameter constructor');
  assert.equal(place("RUN '{{.ID}}'"), '1:6 two braces that hold no parameter');
});
