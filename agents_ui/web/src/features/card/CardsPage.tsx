import { Button, Switch, TextInput } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { IconArrowLeft, IconSearch, IconUsers } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useDeferredValue, useEffect, useRef, useState } from 'react';
import type { Card, Id } from '@/api/types';
import { Avatar } from '@/entities/agent/Avatar';
import { useAgent } from '@/entities/live';
import { ago } from '@/lib/format';
import { tMaybe } from '@/lib/i18n';
import { useNow } from '@/ui/clock';
import { useT } from '@/ui/i18n';
import { EmptyState, ErrorState, Skeleton } from '@/ui/states';
import { CardPanel } from './CardPanel';
import { usePages } from './paging';
import { showPhone } from './phone';
import css from './cards.module.css';

export interface CardsPageProps {
  /** The open card, or null for the list alone. */
  cardId: Id | null;
  onOpen: (id: Id) => void;
  onOpenConversation: (id: Id) => void;
}

const ROW = 56;
const AHEAD = 20;

/** All clients the agent may see, found by name, phone or address in any spelling. */
export function CardsPage({ cardId, onOpen, onOpenConversation }: CardsPageProps) {
  const t = useT();
  const [text, setText] = useState('');
  const [strangers, setStrangers] = useState(false);
  const q = useDeferredValue(text.trim());
  return (
    <div className={css.page} data-open={cardId === null ? undefined : ''}>
      <section className={css.list} aria-label={t('card.clients')}>
        <header className={css.head}>
          <h1>{t('card.clients')}</h1>
          <TextInput
            className={css.search}
            aria-label={t('card.search')}
            placeholder={t('card.search')}
            leftSection={<IconSearch size={16} aria-hidden />}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <Switch
            className={css.strangers}
            label={t('card.strangers')}
            checked={strangers}
            onChange={(event) => setStrangers(event.currentTarget.checked)}
          />
        </header>
        <Cards
          key={`${q} ${strangers}`}
          q={q}
          strangers={strangers}
          onStrangers={() => setStrangers(true)}
          cardId={cardId}
          onOpen={onOpen}
        />
      </section>
      {cardId !== null && (
        <div className={css.card}>
          <Link className={css.back ?? ''} to="/clients">
            <IconArrowLeft size={18} aria-hidden /> {t('card.clients')}
          </Link>
          <CardPanel key={cardId} cardId={cardId} onOpenConversation={onOpenConversation} />
        </div>
      )}
    </div>
  );
}

interface CardsProps {
  q: string;
  /** Also those who wrote and whom nobody confirmed as clients. */
  strangers: boolean;
  onStrangers: () => void;
  cardId: Id | null;
  onOpen: (id: Id) => void;
}

function Cards({ q, strangers, onStrangers, cardId, onOpen }: CardsProps) {
  const t = useT();
  const scroller = useRef<HTMLDivElement>(null);
  const pages = usePages<Card>('/api/cards', { q, strangers: strangers ? '1' : '' });
  const { items, hasNextPage, isFetchingNextPage, fetchNextPage } = pages;
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 10,
    getItemKey: (index) => items[index]?.id ?? index,
  });
  const rows = virtual.getVirtualItems();
  const wanted =
    hasNextPage && !isFetchingNextPage && (rows.at(-1)?.index ?? 0) >= items.length - AHEAD;
  useEffect(() => {
    if (wanted) void fetchNextPage();
  }, [wanted, fetchNextPage]);
  if (pages.error) return <ErrorState error={pages.error} onRetry={() => void pages.refetch()} />;
  if (pages.isPending) return <Skeleton lines={12} height={20} />;
  if (items.length === 0) {
    return (
      <EmptyState
        icon={<IconUsers size={26} stroke={1.6} />}
        title={t(q === '' ? 'card.no_clients' : 'card.none_found', { q })}
        text={t(q === '' ? 'card.no_clients_text' : 'card.none_found_text')}
        action={
          q === '' &&
          !strangers && (
            <Button variant="default" onClick={onStrangers}>
              {t('card.show_strangers')}
            </Button>
          )
        }
      />
    );
  }
  return (
    <>
      <div className={css.columns} aria-hidden>
        <span />
        {COLUMNS.map((key) => (
          <span key={key}>{t(key)}</span>
        ))}
      </div>
      <div ref={scroller} className={css.scroller}>
        <ul className={css.rows} style={{ height: virtual.getTotalSize() }}>
          {rows.map(({ key, index, start }) => {
            const card = items[index];
            return (
              card && (
                <li
                  key={key}
                  className={css.slot}
                  style={{ height: ROW, transform: `translateY(${start}px)` }}
                >
                  <CardRow card={card} current={card.id === cardId} onOpen={onOpen} />
                </li>
              )
            );
          })}
        </ul>
      </div>
    </>
  );
}

const COLUMNS = [
  'card.field.display_name',
  'card.kind.email',
  'card.kind.phone',
  'card.field.lifecycle',
  'card.field.owner_id',
  'card.last_heard',
] as const;

interface CardRowProps {
  card: Card;
  current: boolean;
  onOpen: (id: Id) => void;
}

function CardRow({ card, current, onOpen }: CardRowProps) {
  const t = useT();
  const now = useNow();
  const owner = useAgent(card.owner_id);
  const of = (kind: string) => card.identities.find((identity) => identity.kind === kind)?.value;
  const phone = of('phone');
  return (
    <a
      className={css.row}
      href={`/clients/${card.id}`}
      aria-current={current ? 'true' : undefined}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        onOpen(card.id);
      }}
    >
      <Avatar id={card.id} name={card.display_name} size="sm" />
      <span className={css.name}>{card.display_name || t('card.unnamed')}</span>
      <span className={css.cell}>{of('email')}</span>
      <span className={css.cell}>{phone && showPhone(phone)}</span>
      <span className={css.cell}>{tMaybe(`card.lifecycle.${card.lifecycle}`, card.lifecycle)}</span>
      <span className={css.cell}>{owner?.name}</span>
      <span className={css.when}>{card.last_in_at && ago(card.last_in_at, now)}</span>
    </a>
  );
}
