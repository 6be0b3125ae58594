import { findWord, type Language } from '../language.ts';

export const python: Language = {
  name: 'Python',
  signs: ['pyproject.toml', 'requirements.txt', 'setup.py', 'manage.py'],
  reads: ['pyproject.toml', '.python-version'],
  ignores: ['__pycache__/', '*.pyc', '.venv/', 'venv/', '.pytest_cache/', '*.egg-info/', 'dist/'],
  dockerfile: `# syntax=docker/dockerfile:1
ARG BASE_IMAGE=python:{{ version }}-slim

FROM python:{{ version }} AS build
RUN python -m venv /venv
ENV PATH=/venv/bin:$PATH
WORKDIR /app
{{ install }}

FROM $BASE_IMAGE
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1
WORKDIR /app
COPY --from=build /venv /venv
COPY . .
USER 10001
CMD {{ command }}
`,
  parameters({ name, files, text }) {
    const pip = 'RUN --mount=type=cache,target=/root/.cache/pip pip install';
    const module = name.replace(/[.-]/g, '_');
    const main = ['main.py', 'app.py', 'server.py', 'run.py'].find((file) => files.has(file));
    const command = files.has('manage.py')
      ? ['python', 'manage.py', 'runserver', '0.0.0.0:8000']
      : main === undefined
        ? ['python', '-m', module]
        : ['python', main];
    const pinned = findWord(text('pyproject.toml'), /requires-python\s*=\s*["'][=~]=\s*(\d+\.\d+)/, '3.13');
    return {
      version: findWord(text('.python-version'), /^(\d+\.\d+)/, pinned),
      install: files.has('requirements.txt')
        ? `COPY requirements.txt ./\n${pip} -r requirements.txt`
        : files.has('pyproject.toml') || files.has('setup.py')
          ? `COPY . .\n${pip} .`
          : `# no requirements.txt and no pyproject.toml: nothing to install`,
      command: JSON.stringify(command),
    };
  },
};
