import {
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
  type ClipboardEvent,
  type KeyboardEvent,
  type Ref,
} from 'react';
import { Avatar } from '@/entities/agent/Avatar';
import { wrapped } from '@/entities/message/markup';
import { cleanPaste, continueList, mentionAt, splice, type Edit } from './editing';
import css from './composer.module.css';

export interface Person {
  id: string;
  name: string;
}

/** What others may do to the editor. */
export interface EditorHandle {
  focus: () => void;
  blur: () => void;
  /** Puts the signs of a formatting around what is selected. */
  format: (kind: string) => void;
  /** Replaces the whole text, so that Ctrl-Z brings it back. */
  replace: (text: string) => void;
}

interface EditorProps {
  handle: Ref<EditorHandle>;
  value: string;
  onChange: (value: string) => void;
  onFiles: (files: readonly File[]) => void;
  onBlur: () => void;
  label: string;
  placeholder: string;
  /** Colleagues who can be mentioned; none in a text that leaves the house. */
  people: readonly Person[];
  lang?: string;
}

const OFFERED = 6;

/** A plain-text editor: grows with its text, goes on with lists, cleans what is pasted, mentions. */
export function Editor(props: EditorProps) {
  const { handle, value, onChange, onFiles, onBlur, label, placeholder, people, lang } = props;
  const field = useRef<HTMLTextAreaElement>(null);
  const [caret, setCaret] = useState(0);
  const [active, setActive] = useState(0);
  const [dismissed, setDismissed] = useState<number | null>(null);
  const mention = people.length > 0 ? mentionAt(value, caret) : null;
  const offered =
    mention !== null && mention.from !== dismissed ? matching(people, mention.query) : [];

  useLayoutEffect(() => {
    const area = field.current;
    if (!area) return;
    area.style.height = 'auto';
    area.style.height = `${area.scrollHeight}px`;
  }, [value]);

  /** Through the browser's own editing, so that Ctrl-Z takes it back. */
  const put = (edit: Edit, from: number, to: number, insert: string) => {
    const area = field.current;
    if (!area) return;
    area.setSelectionRange(from, to);
    if (!document.execCommand('insertText', false, insert)) {
      onChange(edit.text);
      area.setRangeText(insert, from, to, 'end');
    }
    setCaret(edit.start);
  };
  useImperativeHandle(handle, () => ({
    focus: () => field.current?.focus(),
    blur: () => field.current?.blur(),
    format: (kind) => {
      const area = field.current;
      if (!area) return;
      area.focus();
      const edit = wrapped(value, area.selectionStart, area.selectionEnd, kind);
      put(edit, edit.from, edit.to, edit.insert);
      area.setSelectionRange(edit.start, edit.end);
    },
    replace: (text) => {
      field.current?.focus();
      put({ text, start: text.length, end: text.length }, 0, value.length, text);
    },
  }));
  const pick = (person: Person) => {
    if (!mention) return;
    const insert = `@${person.name} `;
    const to = mention.from + 1 + mention.query.length;
    put(splice(value, mention.from, to, insert), mention.from, to, insert);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.nativeEvent.isComposing) return;
    if (offered.length > 0 && onMentionKey(event)) return;
    const plain = !event.shiftKey && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (event.key !== 'Enter' || !plain) return;
    const { selectionStart: start, selectionEnd: end } = event.currentTarget;
    const next = continueList({ text: value, start, end });
    if (!next) return;
    event.preventDefault();
    const from = Math.min(start, next.start);
    put(next, from, start, next.text.slice(from, next.start));
  };
  const onMentionKey = (event: KeyboardEvent): boolean => {
    const chosen = offered[Math.min(active, offered.length - 1)];
    if (event.key === 'ArrowDown') setActive((active + 1) % offered.length);
    else if (event.key === 'ArrowUp') setActive((active + offered.length - 1) % offered.length);
    else if ((event.key === 'Enter' || event.key === 'Tab') && chosen) pick(chosen);
    else if (event.key === 'Escape') setDismissed(mention?.from ?? null);
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  };
  const onPaste = (event: ClipboardEvent<HTMLTextAreaElement>) => {
    const files = [...event.clipboardData.files];
    const text = event.clipboardData.getData('text/plain');
    if (files.length > 0 && text === '') {
      event.preventDefault();
      onFiles(files);
      return;
    }
    const cleaned = cleanPaste(text);
    if (cleaned === text || text === '') return;
    event.preventDefault();
    const { selectionStart: from, selectionEnd: to } = event.currentTarget;
    put(splice(value, from, to, cleaned), from, to, cleaned);
  };
  return (
    <div className={css.editor}>
      <textarea
        ref={field}
        className={css.text}
        value={value}
        lang={lang}
        dir="auto"
        rows={2}
        aria-label={label}
        placeholder={placeholder}
        aria-controls={offered.length > 0 ? 'mentions' : undefined}
        aria-activedescendant={offered.length > 0 ? `mention-${active}` : undefined}
        onChange={(event) => {
          setCaret(event.currentTarget.selectionStart);
          setActive(0);
          onChange(event.currentTarget.value);
        }}
        onSelect={(event) => setCaret(event.currentTarget.selectionStart)}
        onKeyDown={onKeyDown}
        onPaste={onPaste}
        onBlur={onBlur}
      />
      {offered.length > 0 && (
        <div id="mentions" className={css.mentions} role="listbox" aria-label="@">
          {offered.map((person, at) => (
            <div
              key={person.id}
              id={`mention-${at}`}
              role="option"
              aria-selected={at === active}
              tabIndex={-1}
              onPointerDown={(event) => {
                event.preventDefault();
                pick(person);
              }}
            >
              <Avatar id={person.id} name={person.name} size="xs" />
              {person.name}
            </div>
          ))}
        </div>
      )}
    </div>
  );
}

function matching(people: readonly Person[], query: string): readonly Person[] {
  const wanted = plain(query);
  const names = people.filter(({ name }) =>
    plain(name)
      .split(' ')
      .some((word) => word.startsWith(wanted)),
  );
  const whole = people.filter(({ name }) => plain(name).startsWith(wanted));
  return [...new Set([...whole, ...names])].slice(0, OFFERED);
}

function plain(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}
