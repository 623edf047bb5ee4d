/** One message, sent or on its way. */

import type { Chat } from './chat.ts';
import type { Pending } from './log.ts';
import { Attachment } from './parts.ts';
import type { Msg } from './protocol.ts';
import { Out, rich } from './rich.tsx';
import { clock, t, tCode } from './texts.ts';

interface Props {
  chat: Chat;
  message: Msg;
  /** The first and the last of messages that one side wrote in a row. */
  first: boolean;
  last: boolean;
  status: string;
}

export function Bubble({ chat, message, first, last, status }: Props) {
  const { id, dir, text = '', spans, files = [], buttons = [], author, location, picked } = message;
  const marks = [...(message.ours ?? []), ...(message.theirs ?? [])];
  const quoted = chat.state.log.items.find((item) => item.id === message.reply_to);
  const where = location?.join(', ') ?? '';
  const who = dir === 'in' ? t('you') : (author?.name ?? chat.state.cfg!.name);
  return (
    <li class={`message ${dir}`}>
      {first && dir === 'out' && (
        <small class="who">
          {who}
          {message.auto && ` · ${t('auto')}`}
        </small>
      )}
      <div class="bubble">
        {!(first && dir === 'out') && <span class="unseen">{who}: </span>}
        {quoted?.t === 'msg' && <q>{quoted.text?.slice(0, 120)}</q>}
        {message.deleted ? <em>{t('deleted')}</em> : text && <p dir="auto">{rich(text, spans)}</p>}
        {location && (
          <Out to={`https://www.openstreetmap.org/?mlat=${location[0]}&mlon=${location[1]}`}>
            {t('place', { where })}
          </Out>
        )}
        {files.map((file) => (
          <Attachment key={file.id} chat={chat} file={file} />
        ))}
        {marks.length > 0 && <span class="marks">{marks.join(' ')}</span>}
      </div>
      {buttons.flat().length > 0 && (
        <div class="choices">
          {buttons.flat().map((each) =>
            each.url ? (
              <Out to={each.url}>{each.label}</Out>
            ) : (
              <button
                type="button"
                disabled={!!picked}
                aria-pressed={picked === each.id}
                onClick={() => chat.pick(id, each.id)}
              >
                {each.label}
              </button>
            ),
          )}
        </div>
      )}
      {last && (
        <small class="meta">
          {message.edited && `${t('edited')} · `}
          {clock(message.at)}
          {status && ` · ${status}`}
        </small>
      )}
    </li>
  );
}

export function Outgoing({ chat, message }: { chat: Chat; message: Pending }) {
  const { cid, text, files, state, reason } = message;
  return (
    <li class={`message in ${state}`}>
      <div class="bubble">
        <span class="unseen">{t('you')}: </span>
        {text && <p dir="auto">{rich(text)}</p>}
        {files.map((file) => (
          <Attachment key={file.id} chat={chat} file={file} />
        ))}
      </div>
      <small class="meta">
        {t(state)}
        {state === 'failed' && (
          <>
            {': '}
            {tCode(reason === 'closed' ? 'closed_case' : reason)}
            <button type="button" onClick={() => chat.send(text, files, cid)}>
              {t('retry')}
            </button>
            <button type="button" onClick={() => chat.discard(cid)}>
              {t('discard')}
            </button>
          </>
        )}
      </small>
    </li>
  );
}
