import { Menu } from '@mantine/core';
import { IconArrowsSort, IconCheck } from '@tabler/icons-react';
import { useState } from 'react';
import type { Id, ViewKey } from '@/api/types';
import { useCount, useView } from '@/entities/live';
import type { Key } from '@/lib/i18n';
import type { Order, ViewWindow } from '@/sync/types';
import { useT } from '@/ui/i18n';
import { ErrorState } from '@/ui/states';
import { EmptyList } from './EmptyList';
import { RowBones } from './RowBones';
import { Rows } from './Rows';
import { useViewName } from './views';
import css from './list.module.css';

export interface InboxListProps {
  view: ViewKey;
  selected: Id | null;
  onOpen: (id: Id) => void;
}

/** The conversations of a view, newest first or longest waiting first. */
export function InboxList({ view, selected, onOpen }: InboxListProps) {
  const [order, setOrder] = useState<Order>('newest');
  const [tries, setTries] = useState(0);
  const name = useViewName(view);
  return (
    <section className={css.pane} aria-label={name}>
      <ListHead view={view} name={name} order={order} onOrder={setOrder} />
      <ListBody
        key={`${view} ${order} ${tries}`}
        view={view}
        order={order}
        name={name}
        selected={selected}
        onOpen={onOpen}
        onRetry={() => setTries(tries + 1)}
      />
    </section>
  );
}

interface ListHeadProps {
  view: ViewKey;
  name: string;
  order: Order;
  onOrder: (order: Order) => void;
}

const ORDERS: readonly (readonly [Order, Key])[] = [
  ['newest', 'inbox.order.newest'],
  ['oldest_waiting', 'inbox.order.oldest_waiting'],
];

function ListHead({ view, name, order, onOrder }: ListHeadProps) {
  const t = useT();
  const [total, unread] = useCount(view);
  return (
    <header className={css.head}>
      <h1 className={css.title}>{name}</h1>
      <span className={css.counts}>
        {t('inbox.count_total', { count: total })}
        {unread > 0 && ` · ${t('inbox.count_unread', { count: unread })}`}
      </span>
      <Menu position="bottom-end" shadow="md">
        <Menu.Target>
          <button type="button" className={css.tool} aria-label={t('inbox.order')}>
            <IconArrowsSort size={18} stroke={1.6} aria-hidden />
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{t('inbox.order')}</Menu.Label>
          {ORDERS.map(([value, label]) => (
            <Menu.Item
              key={value}
              onClick={() => onOrder(value)}
              rightSection={value === order ? <IconCheck size={16} aria-hidden /> : null}
            >
              {t(label)}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </header>
  );
}

interface ListBodyProps extends InboxListProps {
  order: Order;
  name: string;
  onRetry: () => void;
}

function ListBody({ view, order, name, selected, onOpen, onRetry }: ListBodyProps) {
  const list = useView(view, order);
  if (isEmpty(list)) {
    if (list?.load === 'failed') return <Retry list={list} onRetry={onRetry} />;
    if (list?.load === 'ready') return <EmptyList view={view} />;
    return <RowBones />;
  }
  return <Rows list={list} name={name} selected={selected} onOpen={onOpen} />;
}

function isEmpty(list: ViewWindow | undefined): list is undefined | (ViewWindow & { ids: [] }) {
  return list === undefined || list.ids.length === 0;
}

function Retry({ list, onRetry }: { list: ViewWindow; onRetry: () => void }) {
  const t = useT();
  return <ErrorState title={t('inbox.failed')} error={list.error} onRetry={onRetry} />;
}
