/** Where the visitor writes: a text that grows, files, and a few emoji. */

import { useEffect, useRef, useState } from 'preact/hooks';
import type { Chat } from './chat.ts';
import type { Upload } from './files.tsx';
import { Icon } from './Icon.tsx';
import { Emoji, files as parts } from './parts.ts';
import { t } from './texts.ts';

const NEAR = 500; // characters left from which we say how many

let uploads = 0;

export function Composer({ chat, dropped }: { chat: Chat; dropped: File[] }) {
  const [text, setText] = useState('');
  const [files, setFiles] = useState<Upload[]>([]);
  const [fault, setFault] = useState('');
  const [picking, setPicking] = useState(false);
  const area = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const limit = chat.state.cfg?.text_limit ?? 8000;
  const over = [...text].length - limit;
  const isReady =
    over <= 0 && files.every((file) => file.done) && (!!text.trim() || !!files.length);

  const resize = () => {
    const { style, scrollHeight } = ((area.current!.style.height = ''), area.current!);
    style.height = `${Math.min(scrollHeight, 140)}px`;
  };
  useEffect(resize, [text]);
  useEffect(() => void attach(dropped), [dropped]);
  const isOpen = chat.state.open;
  useEffect(() => {
    // On a phone the keyboard would cover what there is to read.
    if (isOpen && matchMedia('(pointer: fine)').matches) area.current?.focus();
  }, [isOpen]);

  async function attach(list: Iterable<File>): Promise<void> {
    const chosen = [...list].slice(0, 10);
    if (!chosen.length) return;
    const { objection, upload } = await parts();
    for (const file of chosen) {
      const problem = objection(chat, file);
      setFault(problem);
      if (problem) continue;
      const key = uploads++;
      const cancel = upload(chat, file, (share, done, failed) => {
        if (failed) {
          setFault(t('upload_failed', { name: file.name }));
          setFiles((all) => all.filter((each) => each.key !== key));
        } else {
          const next = { key, name: file.name, share, cancel, ...(done && { done }) };
          setFiles((all) => all.map((each) => (each.key === key ? next : each)));
        }
      });
      setFiles((all) => [...all, { key, name: file.name, share: 0, cancel }].slice(0, 10));
    }
  }

  function send(event?: Event): void {
    event?.preventDefault();
    if (!isReady) return;
    chat.send(
      text.trim(),
      files.flatMap((file) => file.done ?? []),
    );
    setText('');
    setFiles([]);
    setPicking(false);
    area.current!.focus();
  }

  function insert(emoji: string): void {
    const { selectionStart, selectionEnd } = area.current!;
    setText(text.slice(0, selectionStart) + emoji + text.slice(selectionEnd));
    area.current!.focus();
  }

  return (
    <form class="composer" onSubmit={send}>
      {fault && (
        <p class="fault" role="alert">
          {fault}
        </p>
      )}
      {over > -NEAR && (
        <p class={over > 0 ? 'fault' : 'hint'}>{over > 0 ? t('too_long', { n: over }) : -over}</p>
      )}
      {files.length > 0 && (
        <ul class="tray">
          {files.map((file) => (
            <li key={file.key}>
              <span>{file.name}</span>
              {!file.done && <progress value={file.share} aria-label={file.name} />}
              <button
                type="button"
                aria-label={t('remove', { name: file.name })}
                onClick={() => {
                  file.cancel();
                  setFiles(files.filter((each) => each !== file));
                }}
              >
                <Icon name="close" />
              </button>
            </li>
          ))}
        </ul>
      )}
      {picking && <Emoji onPick={insert} />}
      <div class="line">
        {chat.state.cfg?.files && (
          <button type="button" aria-label={t('attach')} onClick={() => picker.current!.click()}>
            <Icon name="clip" />
          </button>
        )}
        <input
          ref={picker}
          type="file"
          hidden
          multiple
          accept={chat.state.cfg?.files?.types.map((type) => `.${type}`).join()}
          onChange={() => {
            void attach(picker.current!.files ?? []);
            picker.current!.value = '';
          }}
        />
        <textarea
          ref={area}
          rows={1}
          value={text}
          aria-label={t('write')}
          placeholder={t('write')}
          enterkeyhint="send"
          onInput={() => {
            setText(area.current!.value);
            chat.type();
          }}
          onPaste={(event: ClipboardEvent) => {
            const { files: pasted } = event.clipboardData!;
            if (pasted.length) event.preventDefault();
            void attach(pasted);
          }}
          onKeyDown={(event: KeyboardEvent) => {
            if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) send(event);
          }}
        />
        <button
          type="button"
          aria-label={t('emoji')}
          aria-expanded={picking}
          onClick={() => setPicking(!picking)}
        >
          <Icon name="smile" />
        </button>
        <button class="go" aria-label={t('send')} disabled={!isReady}>
          <Icon name="send" />
        </button>
      </div>
    </form>
  );
}
