import { text } from 'node:stream/consumers';
import polka from 'polka';
import { keepNotes } from './notes.js';
import { renderPage } from './page.js';

const notes = keepNotes();
notes.add('The **first** note.');

polka()
  .get('/', (_request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(renderPage(notes.list()));
  })
  .post('/notes', async (request, response) => {
    response.statusCode = 201;
    response.end(`${notes.add(await text(request)).id}\n`);
  })
  .listen(8080);
