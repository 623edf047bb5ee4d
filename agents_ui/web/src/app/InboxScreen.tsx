import { IconMenu2 } from '@tabler/icons-react';
import { useParams, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import type { Id, ViewKey } from '@/api/types';
import { useConversation } from '@/entities/live';
import { InboxList, ViewNav } from '@/features/inbox';
import { loadPart } from '@/lib/i18n';
import { useHotkeys } from '@/ui/hotkeys';
import { useT } from '@/ui/i18n';
import { useLayout, useRoomForLists } from '@/ui/layout';
import { Splitter } from '@/ui/Splitter';
import { later } from '@/ui/lazy';
import { PaneBoundary, Skeleton } from '@/ui/states';
import { NothingOpen } from './NothingOpen';
import { useGo } from './useGo';
import { LIMITS, usePaneWidths } from './usePaneWidths';
import css from './inbox.module.css';

const SideDrawer = later(async () => (await import('./SideDrawer')).SideDrawer);
const Thread = later(
  async () => (await withTexts(import('@/features/thread'))).Thread,
  <Skeleton />,
);
const Composer = later(async () => (await withTexts(import('@/features/composer'))).Composer);
const CardPanel = later(
  async () => (await withTexts(import('@/features/card'))).CardPanel,
  <Skeleton />,
);

/** A part with the texts of conversations, which the list does without. */
async function withTexts<M>(part: Promise<M>): Promise<M> {
  const [module] = await Promise.all([part, loadPart('chat')]);
  return module;
}

/** Views, list, thread and card: as many of them at once as the window has room for. */
export function InboxScreen() {
  const t = useT();
  const go = useGo();
  const layout = useLayout();
  const params = useParams({ strict: false });
  const { seq } = useSearch({ strict: false });
  const view = (params.view ?? 'mine') as ViewKey;
  const selected = params.conversation ?? null;
  const card = useConversation(selected)?.card;
  const [drawer, setDrawer] = useState<'views' | 'card' | null>(null);
  const [hidden, setHidden] = useState(false);
  const widths = usePaneWidths();
  const wide = layout === 'wide';
  const roomy = useRoomForLists();
  const single = layout === 'narrow' || layout === 'phone';
  const open = (id: Id) => go.conversation(id, { view });
  const close = () => go.inbox(view);
  const showCard = () => {
    if (wide) setHidden(!hidden);
    else setDrawer(drawer === 'card' ? null : 'card');
  };
  useHotkeys('keys.conversation', [
    { keys: ']', label: 'keys.card', run: showCard },
    { keys: '[', label: 'keys.views', run: () => setDrawer(roomy ? null : 'views') },
  ]);

  const nav = (
    <ViewNav
      current={view}
      onOpen={(next) => {
        setDrawer(null);
        go.inbox(next);
      }}
    />
  );
  const panel = card && (
    <PaneBoundary resetKey={card.id}>
      <CardPanel
        cardId={card.id}
        conversationId={selected ?? undefined}
        onOpenConversation={(id) => {
          setDrawer(null);
          open(id);
        }}
      />
    </PaneBoundary>
  );
  return (
    <div className={css.panes}>
      {roomy && (
        <div className={css.views} data-pane>
          {nav}
        </div>
      )}
      {!(single && selected) && (
        <div
          className={single ? css.fill : css.list}
          style={single ? undefined : { width: widths.list }}
          data-pane
        >
          {!roomy && (
            <button type="button" className={css.menu} onClick={() => setDrawer('views')}>
              <IconMenu2 size={18} stroke={1.6} aria-hidden />
              {t('shell.views')}
            </button>
          )}
          <div className={css.rest}>
            <PaneBoundary resetKey={view}>
              <InboxList view={view} selected={selected} onOpen={open} />
            </PaneBoundary>
          </div>
        </div>
      )}
      {!single && (
        <Splitter
          label={t('shell.list_width')}
          side={1}
          {...LIMITS.list}
          {...widths.forPane('list')}
        />
      )}
      {selected ? (
        <div className={css.fill} data-pane>
          <PaneBoundary resetKey={selected}>
            <Thread
              key={selected}
              conversationId={selected}
              seq={seq}
              composer={<Composer conversationId={selected} />}
              onShowCard={showCard}
              onBack={single ? close : undefined}
            />
          </PaneBoundary>
        </div>
      ) : (
        !single && <NothingOpen view={view} />
      )}
      {wide && panel && !hidden && (
        <>
          <Splitter
            label={t('shell.card_width')}
            side={-1}
            {...LIMITS.card}
            {...widths.forPane('card')}
          />
          <aside
            className={css.card}
            style={{ width: widths.card }}
            aria-label={t('shell.card')}
            data-pane
          >
            {panel}
          </aside>
        </>
      )}
      {drawer === 'views' && (
        <SideDrawer side="left" title={t('shell.views')} size={300} onClose={() => setDrawer(null)}>
          {nav}
        </SideDrawer>
      )}
      {drawer === 'card' && !wide && panel && (
        <SideDrawer
          side="right"
          title={t('shell.card')}
          size={layout === 'phone' ? '100%' : 380}
          onClose={() => setDrawer(null)}
        >
          {panel}
        </SideDrawer>
      )}
    </div>
  );
}
