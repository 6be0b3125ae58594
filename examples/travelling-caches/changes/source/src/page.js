import dayjs from 'dayjs';
import escape from 'escape-html';
import { marked } from 'marked';

/** All notes with their times as a page; their text is Markdown, in which HTML is shown and not obeyed. */
export function renderPage(notes) {
  const articles = notes.map(({ id, text, madeAt }) => {
    const time = dayjs(madeAt).format('YYYY-MM-DD HH:mm');
    return `<article id="${id}"><time>${time}</time>${marked.parse(escape(text))}</article>`;
  });
  return `<!doctype html>\n<title>Notes</title>\n<h1>Notes</h1>\n<p>There are ${notes.length}.</p>\n${articles.join('\n')}\n`;
}
