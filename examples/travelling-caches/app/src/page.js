import escape from 'escape-html';
import { marked } from 'marked';

/** All notes as a page; their text is Markdown, in which HTML is shown and not obeyed. */
export function renderPage(notes) {
  const articles = notes.map(({ id, text }) => `<article id="${id}">${marked.parse(escape(text))}</article>`);
  return `<!doctype html>\n<title>Notes</title>\n<h1>${notes.length} notes</h1>\n${articles.join('\n')}\n`;
}
