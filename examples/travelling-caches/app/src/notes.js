import { nanoid } from 'nanoid';

/** Notes of this process, the newest first. */
export function keepNotes() {
  const notes = [];
  return {
    add(text) {
      const note = { id: nanoid(8), text, madeAt: new Date() };
      notes.unshift(note);
      return note;
    },
    list: () => notes,
  };
}
