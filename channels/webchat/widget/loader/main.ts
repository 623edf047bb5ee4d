/**
 * `<script async src="https://hub/w/loader.js" data-key="...">`: the button in the corner of a
 * page, and the frame behind it once somebody needs it.
 *
 * Pages are hostile by accident: they style every element, replace built-ins and move `body`. So
 * everything is in a closed shadow tree beside `body`, and a failure of ours stays ours.
 */

import type { Config, Rule } from './config.ts';

declare const STYLE: string; // loader.css, which the build puts here

type Call = [name: string, ...rest: unknown[]];
type Queue = ((...call: Call) => void) & { q?: Call[]; on?: number };

const SANDBOX =
  'allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox allow-downloads';

const DISMISS: Record<string, string> = { ro: 'Ascunde', ru: 'Скрыть' };

const doc = document;
const html = doc.documentElement;
const page = window as Window & { Punte?: Queue };

/** Returns an element of class `name` inside `parent`. */
function put<K extends keyof HTMLElementTagNameMap>(
  parent: Node,
  tag: K,
  name: string,
): HTMLElementTagNameMap[K] {
  const made = doc.createElement(tag);
  made.className = name;
  parent.appendChild(made);
  return made;
}

const set = (element: Element, name: string, value: string) => element.setAttribute(name, value);

function start(script: HTMLScriptElement): void {
  const key = script.dataset.key!;
  const hub = new URL(script.src).origin;
  const base = `${hub}/w/${key}`;
  const language = script.dataset.lang || html.lang || navigator.language;
  const query = `lang=${encodeURIComponent(language)}`;
  const host = doc.createElement('div');
  const root = host.attachShadow({ mode: 'closed' });
  const button = put(root, 'button', 'b');
  const badge = put(button, 'span', 'n');
  const teaser = put(root, 'div', '');
  const say = put(teaser, 'button', 's');
  const dismiss = put(teaser, 'button', 'x');
  const sheet = new CSSStyleSheet();
  let config: Config;
  let title: string;
  let frame: HTMLIFrameElement | undefined;
  const waiting: Call[] = [];
  let listening = false;
  let isOpen = false;
  let count = 0;
  let seen = '';

  /** Keeps a word for this browser, `open` for this tab; without `value` reads it. */
  function memory(what: string, value?: string): string | undefined {
    try {
      const store = what === 'open' ? sessionStorage : localStorage;
      what = `punte:${key}:${what}`;
      if (value !== undefined) store[what] = value;
      return store[what] as string | undefined;
    } catch {
      return undefined; // a page without storage has a chat all the same
    }
  }

  /** Says how many messages are unread, on the badge and to screen readers. */
  function label(): void {
    badge.hidden = isOpen || !count;
    badge.textContent = `${count}`;
    set(button, 'aria-label', badge.hidden ? title : `${title} (${count})`);
    set(button, 'aria-expanded', `${isOpen}`);
  }

  function tease(text: string): void {
    say.textContent = text;
    teaser.hidden = !text || isOpen;
  }

  /** Fetches the app: not before somebody acts, or has a conversation that is open. */
  function load(): HTMLIFrameElement {
    if (!frame) {
      frame = put(root, 'iframe', 'o');
      frame.title = title;
      set(frame, 'sandbox', SANDBOX);
      frame.referrerPolicy = 'origin'; // the app checks who embeds it
      frame.src = `${base}?${query}`;
      setInterval(visit, 1000);
      visit();
    }
    return frame;
  }

  function show(want: boolean): void {
    isOpen = want;
    load().className = want ? '' : 'o';
    memory('open', want ? '1' : '');
    tease('');
    label();
    tell(want ? 'open' : 'close');
    (want ? frame! : button).focus();
  }

  /** Speaks to the app: to its origin alone, once it listens. */
  function tell(...call: Call): void {
    if (listening) frame!.contentWindow!.postMessage({ punte: call }, hub);
    else waiting.push(call);
  }

  function hear(event: MessageEvent<{ punte?: [string, never, never] } | null>): void {
    if (!frame || event.source !== frame.contentWindow || event.origin !== hub) return;
    const [name, value, more] = event.data?.punte ?? [];
    if (name === 'ready') {
      listening = true;
      waiting.forEach((call) => tell(...call));
    }
    if (name === 'close') show(false);
    if (name === 'unread') {
      count = value!;
      label();
    }
    if (name === 'tease') tease(value!);
    if (name === 'active') memory(name, value);
    if (name === 'event') emit(value!, more);
  }

  const emit = (name: string, detail?: unknown) =>
    page.dispatchEvent(new CustomEvent(`punte:${name}`, { detail }));

  /** Tells the app which page the visitor is on, if it is another one than before. */
  function visit(): void {
    const { href } = location;
    if (href !== seen) tell('page', href, doc.title, seen || doc.referrer);
    seen = href;
  }

  /** Says something first when the visitor has been on the page for long enough. */
  function greet(rule: Rule): void {
    const said = `said-${rule.id}`;
    let left = rule.seconds;
    const timer = setInterval(() => {
      const read = (scrollY + innerHeight) / html.scrollHeight;
      if (left-- > 0 || read * 100 < rule.scroll || location.pathname.indexOf(rule.path)) return;
      clearInterval(timer);
      if (frame || !teaser.hidden || (rule.online_only && !config.online.on)) return;
      const now = Date.now();
      if (now < +(memory(said) ?? 0) + rule.again_days * 864e5) return;
      memory(said, `${now}`);
      tease(rule.text);
    }, 1000);
  }

  function command(...call: Call): void {
    const [name] = call;
    if (name === 'open' || name === 'close') show(name === 'open');
    else if (name === 'hide' || name === 'show') host.hidden = name === 'hide';
    else {
      if (name === 'identify') load();
      tell(...call);
    }
  }

  fetch(`${base}/config?${query}`, { credentials: 'omit' })
    .then((answer) => answer.json())
    .then((given: Config) => {
      config = given;
      title = `Chat: ${given.texts.title || given.name}`;
      const { color, launcher, offset, theme } = given;
      const scheme = theme === 'auto' ? 'light dark' : theme;
      host.style.cssText = `--c:${color};--s:${scheme};--${launcher}:${offset[0]}px;--y:${offset[1]}px`;
      host.hidden = given.hide;
      sheet.replaceSync(STYLE);
      root.adoptedStyleSheets = [sheet];
      dismiss.textContent = '×';
      set(dismiss, 'aria-label', DISMISS[language.slice(0, 2)] ?? 'Dismiss');
      set(teaser, 'role', 'status');
      button.onclick = () => show(!isOpen);
      say.onclick = () => show(true);
      dismiss.onclick = () => tease('');
      label();
      tease('');
      html.appendChild(host);
      page.addEventListener('message', hear);
      page.visualViewport?.addEventListener('resize', function () {
        host.style.setProperty('--h', `${this.height}px`); // above the keyboard of a phone
      });
      if (memory('open')) show(true);
      if (memory('active')) load();
      given.rules.forEach(greet);
      const queued = page.Punte?.q ?? [];
      page.Punte = Object.assign(command, { on: 1 });
      for (let n = 0; n < queued.length; n++) command(...queued[n]!);
      emit('ready');
    })
    .catch(() => 0); // whatever the page did to the browser: it goes on without a chat
}

const script = doc.currentScript as HTMLScriptElement | null;
if (script && !page.Punte?.on) start(script);
