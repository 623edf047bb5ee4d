/** What else can be done: a menu that arrow keys walk and Escape leaves. */

import { useEffect, useRef } from 'preact/hooks';
import type { Chat } from './chat.ts';
import type { View } from './Header.tsx';
import { t } from './texts.ts';

interface Props {
  chat: Chat;
  onView: (view: View) => void;
  onLeave: () => void;
}

export function Menu({ chat, onView, onLeave }: Props) {
  const { cfg, sound, me } = chat.state;
  const menu = useRef<HTMLDivElement>(null);
  const items = () => [...menu.current!.querySelectorAll<HTMLElement>('button,a')];

  useEffect(() => {
    items()[0]!.focus();
    const away = (event: Event) => {
      if (!menu.current!.parentElement!.contains(event.target as Node)) onLeave();
    };
    addEventListener('pointerdown', away);
    return () => removeEventListener('pointerdown', away);
  }, []);

  const walk = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      const all = items();
      const at = all.indexOf(document.activeElement as HTMLElement);
      all[(at + step + all.length) % all.length]!.focus();
    } else if (event.key === 'Escape') {
      event.stopPropagation();
      onLeave();
      (menu.current!.previousElementSibling as HTMLElement).focus();
    }
  };
  const item = (name: string, onPick: () => void) => (
    <button type="button" role="menuitem" onClick={onPick}>
      {name}
    </button>
  );

  return (
    <div class="menu" role="menu" ref={menu} onKeyDown={walk}>
      {cfg!.callback && item(t('menu_call'), () => onView('callback'))}
      {me.level !== 'verified' &&
        (cfg!.otp as ('email' | 'phone')[]).map((kind) =>
          item(t('menu_prove', { kind: t(kind) }), () => onView(kind)),
        )}
      {cfg!.telegram && (
        <a role="menuitem" href={cfg!.telegram} target="_blank" rel="noopener noreferrer">
          {t('menu_telegram')}
        </a>
      )}
      {item(t(sound ? 'menu_sound_off' : 'menu_sound_on'), () => chat.setSound(!sound))}
      {item(t('menu_forget'), () => onView('forget'))}
    </div>
  );
}
