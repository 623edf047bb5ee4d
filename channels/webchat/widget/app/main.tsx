/** The app of the frame, and of the page without one: `/w/<key>` and `/w/<key>/page`. */

import { render } from 'preact';
import { App } from './App.tsx';
import { Chat } from './chat.ts';
import { inkOn } from './color.ts';
import { Storage } from './storage.ts';
import { speak } from './texts.ts';

const key = decodeURIComponent(location.pathname.split('/')[2] ?? '');
const wanted = new URLSearchParams(location.search).get('lang') ?? navigator.language;
const secret = new URLSearchParams(location.hash.slice(1)).get('m');
const root = document.documentElement;

let isDue = false;

const chat = new Chat(`/w/${encodeURIComponent(key)}`, wanted, new Storage(key), changed, () => {
  void import('./beep.ts').then(({ beep }) => beep());
});

/** Draws once a frame, however much has changed. */
function changed(): void {
  if (isDue) return;
  isDue = true;
  queueMicrotask(() => {
    isDue = false;
    void dress().then(() => render(<App chat={chat} />, document.getElementById('app')!));
  });
}

/** Takes over colours, theme and words of the widget's settings. */
async function dress(): Promise<void> {
  const { cfg } = chat.state;
  if (!cfg || root.dataset.theme === cfg.theme) return;
  root.dataset.theme = cfg.theme;
  root.style.setProperty('--brand', cfg.color);
  root.style.setProperty('--on-brand', inkOn(cfg.color));
  root.lang = cfg.lang;
  document.title = cfg.texts.title || cfg.name;
  await speak(cfg.lang, cfg.texts);
}

await speak(wanted);
changed();
chat.start(secret);
if (secret) history.replaceState(null, '', location.pathname + location.search);
