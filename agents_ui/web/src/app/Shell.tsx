import { Outlet } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useMe } from '@/entities/live';
import { setHotkeysEnabled, useHotkeys } from '@/ui/hotkeys';
import { useT } from '@/ui/i18n';
import { useLayout } from '@/ui/layout';
import { fetchLater, later } from '@/ui/lazy';
import { undoLast } from '@/ui/toast';
import { ConnectionPill } from './ConnectionPill';
import { BottomBar, Rail } from './Rail';
import { usePaletteSlots } from './usePaletteSlots';
import { useGo } from './useGo';
import { useTitle } from './useTitle';
import css from './shell.module.css';

const Palette = later(async () => (await import('@/features/palette')).Palette);
const CheatSheet = later(async () => (await import('./CheatSheet')).CheatSheet);

export function Shell() {
  const t = useT();
  const go = useGo();
  const layout = useLayout();
  const me = useMe();
  const [help, setHelp] = useState(false);
  const [palette, setPalette] = useState(false);
  const slots = usePaletteSlots(() => setHelp(true));
  useTitle();
  useEffect(fetchLater, []);
  setHotkeysEnabled(me.preferences.hotkeys !== false);
  useHotkeys('keys.everywhere', [
    { keys: 'mod+k', label: 'keys.palette', run: () => setPalette(true), whileTyping: true },
    { keys: '/', label: 'keys.search', run: () => setPalette(true) },
    { keys: '?', label: 'keys.help', run: () => setHelp(true) },
    { keys: 'z', label: 'keys.undo', run: undoLast },
    { keys: 'c', label: 'keys.compose', run: go.compose },
    { keys: 'g i', label: 'keys.go_inbox', run: () => go.inbox('mine') },
    { keys: 'g b', label: 'keys.go_callbacks', run: go.callbacks },
    { keys: 'g c', label: 'keys.go_clients', run: go.clients },
    { keys: 'g s', label: 'keys.go_settings', run: () => go.settings() },
    { keys: 'g p', label: 'keys.go_profile', run: go.profile },
    { keys: 'f6', label: 'keys.next_pane', run: focusNextPane, whileTyping: true },
  ]);
  return (
    <div className={css.shell} data-layout={layout}>
      <a className={css.skip} href="#main">
        {t('shell.skip')}
      </a>
      {layout !== 'phone' && (
        <Rail onSearch={() => setPalette(true)} onHelp={() => setHelp(true)} />
      )}
      <main id="main" className={css.main} tabIndex={-1}>
        <Outlet />
      </main>
      {layout === 'phone' && <BottomBar onSearch={() => setPalette(true)} />}
      <ConnectionPill />
      {palette && <Palette opened onClose={() => setPalette(false)} {...slots} />}
      {help && <CheatSheet opened onClose={() => setHelp(false)} />}
    </div>
  );
}

/** Moves the keyboard to the next part of the page. */
function focusNextPane(): void {
  const panes = [...document.querySelectorAll<HTMLElement>('[data-pane]')];
  const now = panes.findIndex((pane) => pane.contains(document.activeElement));
  const next = panes[(now + 1) % panes.length];
  if (!next) return;
  const inside = next.querySelector<HTMLElement>(
    '[tabindex="0"], a[href], button:not(:disabled), textarea, input',
  );
  (inside ?? next).focus();
}
