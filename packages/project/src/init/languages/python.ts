import { findVersion } from '../find-version.ts';
import { findWord, type Language, type StarterFolder } from '../language.ts';

const newest = 13;
const cache = (folder: string) => `RUN --mount=type=cache,target=/root/.cache/${folder} \\\n    `;

export const python: Language = {
  name: 'Python',
  signs: ['pyproject.toml', 'requirements.txt', 'setup.py', 'manage.py'],
  reads: ['pyproject.toml', '.python-version', 'requirements.txt', 'manage.py'],
  ignores: ['__pycache__/', '*.pyc', '.venv/', 'venv/', '.pytest_cache/', '*.egg-info/', 'dist/'],
  dockerfile: `# syntax=docker/dockerfile:1
ARG BASE_IMAGE=python:{{ version }}-slim

FROM python:{{ version }} AS build
{{ install }}

FROM $BASE_IMAGE
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
COPY --from=build /venv /venv
COPY . .
USER 10001
CMD {{ command }}
`,
  parameters(folder) {
    const { text } = folder;
    const written = /^\s*(3\.\d+)/m.exec(text('.python-version'))?.[1];
    return {
      version: findVersion([written, pythonOf(text('pyproject.toml')), `3.${newest}`]),
      install: installSteps(folder),
      command: JSON.stringify(chooseCommand(folder)),
    };
  },
  advice: (folder) => {
    const [program, flag, name = ''] = chooseCommand(folder);
    return program === 'python' && flag === '-m' && !folder.files.has(`${name}/`)
      ? [`Nothing says what starts the program: correct CMD (it is python -m ${name}).`]
      : [];
  },
};

/** How packages get into /venv; lock files first, sources last. */
function installSteps({ files, text }: StarterFolder): string {
  const venv = 'RUN python -m venv /venv\nENV VIRTUAL_ENV=/venv PATH=/venv/bin:$PATH\nWORKDIR /app\n';
  const project = text('pyproject.toml');
  const isPackage = /^\[build-system\]/m.test(project);
  if (files.has('uv.lock')) {
    const sync = 'uv sync --frozen --no-dev --no-editable';
    return (
      `${cache('pip')}pip install uv\nENV UV_PROJECT_ENVIRONMENT=/venv UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never\nWORKDIR /app\n` +
      `COPY pyproject.toml uv.lock ./\n${cache('uv')}${sync} --no-install-project` +
      (isPackage ? `\nCOPY . .\n${cache('uv')}${sync}` : '')
    );
  }
  if (files.has('poetry.lock') || /^\[tool\.poetry(?:\.dependencies)?\]/m.test(project)) {
    const lock = files.has('poetry.lock') ? ' poetry.lock' : '';
    return (
      `${cache('pip')}python -m venv /opt/poetry && /opt/poetry/bin/pip install poetry\n${venv}` +
      `COPY pyproject.toml${lock} ./\n${cache('pypoetry')}/opt/poetry/bin/poetry install --only main --no-root --no-interaction`
    );
  }
  if (files.has('requirements.txt'))
    return `${venv}COPY requirements.txt ./\n${cache('pip')}pip install -r requirements.txt`;
  if (files.has('pyproject.toml') || files.has('setup.py'))
    return `${venv}COPY . .\n${cache('pip')}pip install .`;
  return `# no requirements.txt and no pyproject.toml: nothing to install\n${venv}`.trimEnd();
}

function chooseCommand({ name, files, text }: StarterFolder): readonly string[] {
  const needs = `${text('requirements.txt')}\n${text('pyproject.toml')}`;
  if (files.has('manage.py')) {
    const site = findWord(text('manage.py'), /DJANGO_SETTINGS_MODULE['"]\s*,\s*['"](\w+)\.settings/, '');
    return site !== '' && /\bgunicorn\b/.test(needs)
      ? ['gunicorn', '--bind', '0.0.0.0:8000', `${site}.wsgi`]
      : ['python', 'manage.py', 'runserver', '0.0.0.0:8000'];
  }
  const main = ['main.py', 'app.py', 'server.py', 'run.py'].find((file) => files.has(file));
  if (main !== undefined && /\b(?:uvicorn|fastapi)\b/.test(needs)) {
    return ['uvicorn', '--host', '0.0.0.0', `${main.replace(/\.py$/, '')}:app`];
  }
  const isInstalled = !files.has('requirements.txt') && /^\[build-system\]/m.test(text('pyproject.toml'));
  const script = isInstalled
    ? findWord(text('pyproject.toml'), /^\[project\.scripts\]\s*["']?([\w.-]+)["']?\s*=/m, '')
    : '';
  if (script !== '') return [script];
  return main === undefined ? ['python', '-m', name.replace(/[.-]/g, '_')] : ['python', main];
}

/** `>=3.10` and `^3.10` are met by the newest one, `==3.12.*`, `~=3.11.2` and `<3.12` are not. */
function pythonOf(project: string): string | undefined {
  const range = /^(?:requires-python|python)\s*=\s*["']([^"']{1,100})["']/m.exec(project)?.[1] ?? '';
  const exact = /^\s*(?:==|~=|~)?\s*(3\.\d+)(?:\.(?:\d+|\*))?\s*$/.exec(range);
  if (exact !== null && !/^\s*~=?\s*3\.\d+\s*$/.test(range)) return exact[1];
  const below = /<\s*3\.(\d+)/.exec(range)?.[1];
  const least = /(?:>=?|\^|~=?)\s*3\.(\d+)/.exec(range)?.[1];
  const most = below === undefined ? newest : Math.min(newest, Number(below) - 1);
  return least === undefined && below === undefined ? undefined : `3.${Math.max(most, Number(least ?? 0))}`;
}
