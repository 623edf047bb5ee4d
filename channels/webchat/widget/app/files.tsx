/** Files: on their way up, and as they are shown. What the hub keeps needs a header to be read. */

import { useEffect, useState } from 'preact/hooks';
import type { Chat } from './chat.ts';
import { Icon } from './Icon.tsx';
import type { FileRef } from './protocol.ts';
import { size, t } from './texts.ts';

const FILE = 'M14 3H7a2 2 0 0 0-2 2v14a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2V8zM14 3v5h5';

export interface Upload {
  key: number;
  name: string;
  share: number;
  done?: FileRef;
  cancel: () => void;
}

/** Returns why the file may not be sent; an empty text when it may. */
export function objection(chat: Chat, file: File): string {
  const rules = chat.state.cfg?.files;
  const { name } = file;
  const ending = name.split('.').at(-1)!.toLowerCase();
  if (!rules || !rules.types.includes(ending)) {
    return t('wrong_type', { name, types: rules?.types.join(', ') ?? '' });
  }
  return file.size > rules.max_bytes ? t('too_big', { name, size: size(rules.max_bytes) }) : '';
}

/** Sends a file up; `changed` hears of its progress, and at last of the file or of its failure. */
export function upload(
  chat: Chat,
  file: File,
  changed: (share: number, done?: FileRef, failed?: boolean) => void,
): () => void {
  const request = new XMLHttpRequest(); // `fetch` says nothing of what went up
  request.open('POST', chat.address(`files?name=${encodeURIComponent(file.name)}`));
  request.setRequestHeader('authorization', chat.authorization);
  request.setRequestHeader('content-type', file.type || 'application/octet-stream');
  request.responseType = 'json';
  request.upload.onprogress = ({ loaded, total }) => changed(total ? loaded / total : 0);
  request.onload = () => {
    if (request.status < 300) changed(1, request.response as FileRef);
    else changed(1, undefined, true);
  };
  request.onerror = () => changed(0, undefined, true);
  request.send(file);
  return () => request.abort();
}

const fetched = new Map<string, Promise<string>>();

/** Returns an address in this browser of a file of the hub. */
function open(chat: Chat, file: FileRef): Promise<string> {
  let address = fetched.get(file.id);
  if (!address) {
    address = fetch(chat.address(`files/${file.id}`), {
      credentials: 'omit',
      headers: { authorization: chat.authorization },
    }).then(async (answer) => {
      if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
      return URL.createObjectURL(await answer.blob());
    });
    fetched.set(file.id, address);
    address.catch(() => fetched.delete(file.id));
  }
  return address;
}

export function Attachment({ chat, file }: { chat: Chat; file: FileRef }) {
  const [source, setSource] = useState('');
  const isImage = file.kind === 'image';
  useEffect(() => {
    if (isImage) open(chat, file).then(setSource, () => undefined);
  }, [file.id]);
  const download = async () => {
    const link = document.createElement('a');
    link.href = await open(chat, file);
    link.download = file.name;
    link.click();
  };
  const label = t('download', { name: file.name, size: size(file.size) });
  return (
    <button
      type="button"
      class={isImage ? 'image' : 'file'}
      title={label}
      onClick={() => void download()}
    >
      {source ? (
        <img src={source} alt={file.name} />
      ) : (
        <>
          <Icon name={FILE} />
          <span>
            {file.name} <small>{size(file.size)}</small>
          </span>
        </>
      )}
    </button>
  );
}
