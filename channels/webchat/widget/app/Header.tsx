/** Who is on the other side, whether they are there, and what else can be done. */

import { useState } from 'preact/hooks';
import type { Chat, State } from './chat.ts';
import * as host from './host.ts';
import { Icon } from './Icon.tsx';
import { Menu } from './parts.ts';
import { moment, t } from './texts.ts';

export type View = 'chat' | 'callback' | 'email' | 'phone' | 'forget';

export function Header({ chat, onView }: { chat: Chat; onView: (view: View) => void }) {
  const { cfg, conv, online } = chat.state;
  const [isOpen, setOpen] = useState(false);
  const { name = '', photo } = conv.agent ?? {};
  const title = cfg!.texts.title || cfg!.name;
  const choose = (view: View) => {
    setOpen(false);
    onView(view);
  };

  return (
    <header>
      {photo ? (
        <img class="face" src={photo} alt="" />
      ) : (
        <span class="face" aria-hidden="true">
          {[...(name || title)][0]}
        </span>
      )}
      <div class="names">
        <h1>{name || title}</h1>
        <p role="status">
          <i class={online?.on ? 'dot on' : 'dot'} />
          {status(chat.state)}
        </p>
      </div>
      <div class="more">
        <button
          type="button"
          aria-label={t('menu')}
          aria-haspopup="menu"
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
        >
          <Icon name="more" />
        </button>
        {isOpen && <Menu chat={chat} onView={choose} onLeave={() => setOpen(false)} />}
      </div>
      {host.isFramed && (
        <button type="button" aria-label={t('close')} onClick={() => host.tell('close')}>
          <Icon name="close" />
        </button>
      )}
    </header>
  );
}

/** Returns the one sentence that matters most now. */
function status({ conv, online, cfg }: State): string {
  const { status: state, position = 0, agent } = conv;
  if (state === 'waiting' && position) return t('queue', { n: position });
  if (state === 'open' && agent?.name) return cfg!.texts.title || cfg!.name;
  if (state === 'waiting' && online?.on) return t('waiting');
  if (online?.on) {
    const minutes = online.reply_minutes ?? 0;
    if (minutes > 90) return t('reply_hours', { n: Math.ceil(minutes / 60) });
    return minutes ? t('reply_minutes', { n: minutes }) : t('online');
  }
  if (online?.hours === false) {
    return online.opens_at ? t('opens', { when: moment(online.opens_at) }) : t('closed');
  }
  return t('away');
}
