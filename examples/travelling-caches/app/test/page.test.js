import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keepNotes } from '../src/notes.js';
import { renderPage } from '../src/page.js';

test('a page shows the newest note first, and obeys no HTML in it', () => {
  const notes = keepNotes();
  notes.add('one');
  notes.add('*two* <script>');
  const page = renderPage(notes.list());
  assert.match(page, /<em>two<\/em> &lt;script&gt;[^]*one/);
});
