import { TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { SearchMessage, SearchResult } from '@/api/types';
import { Avatar } from '@/entities/agent/Avatar';
import { StatusPill } from '@/entities/conversation/bits';
import { fullTime, listTime } from '@/lib/format';
import { useNow } from '@/ui/clock';
import { takeFocus } from '@/ui/focus';
import { useT } from '@/ui/i18n';
import { EmptyState, ErrorState, Skeleton } from '@/ui/states';
import { parts } from './snippet';
import { useFound, type SearchTarget } from './useSearchItems';
import css from './search.module.css';

export interface SearchPageProps extends SearchTarget {
  query: string;
  onQuery: (query: string) => void;
}

/** Clients, conversations and messages that match, each opened where it was found. */
export function SearchPage({ query, onQuery, ...target }: SearchPageProps) {
  const t = useT();
  const { data, error, isFetching, refetch } = useFound(query, 30);
  return (
    <section className={css.page} aria-label={t('search.title')}>
      <header className={css.head}>
        <h1 className="visually-hidden">{t('search.title')}</h1>
        <TextInput
          type="search"
          size="md"
          className={css.box}
          aria-label={t('search.title')}
          placeholder={t('search.placeholder')}
          leftSection={<IconSearch size={18} aria-hidden />}
          value={query}
          ref={takeFocus}
          onChange={(event) => onQuery(event.currentTarget.value)}
        />
      </header>
      <div
        className={css.results}
        aria-busy={isFetching}
        role="region"
        aria-label={t('search.results')}
      >
        {error ? (
          <ErrorState error={error} onRetry={() => void refetch()} />
        ) : query.trim().length < 2 ? (
          <EmptyState
            icon={<IconSearch size={26} stroke={1.6} />}
            title={t('search.start')}
            text={t('search.start_text')}
          />
        ) : data ? (
          <Results found={data} query={query} target={target} />
        ) : (
          <Skeleton lines={8} height={20} />
        )}
      </div>
    </section>
  );
}

interface ResultsProps {
  found: SearchResult;
  query: string;
  target: SearchTarget;
}

function Results({ found, query, target }: ResultsProps) {
  const t = useT();
  const { cards, conversations, messages } = found;
  if (cards.length + conversations.length + messages.length === 0) {
    return (
      <EmptyState
        icon={<IconSearch size={26} stroke={1.6} />}
        title={t('search.none', { q: query.trim() })}
        text={t('search.none_text')}
      />
    );
  }
  return (
    <>
      <Group title={t('search.clients')} count={cards.length}>
        {cards.map(({ id, display_name, matched }) => (
          <Hit key={id} onOpen={() => target.openCard(id)}>
            <Avatar id={id} name={display_name} size="sm" />
            <span className={css.text}>
              <b>{display_name}</b>
              {matched !== display_name && <span className={css.faint}>{matched}</span>}
            </span>
          </Hit>
        ))}
      </Group>
      <Group title={t('search.conversations')} count={conversations.length}>
        {conversations.map(({ id, number, subject, card, status }) => (
          <Hit key={id} onOpen={() => target.openConversation(id)}>
            <Avatar id={card.id} name={card.name} size="sm" />
            <span className={css.text}>
              <b>{subject || t('conversation.no_subject')}</b>
              <span className={css.faint}>
                #{number} · {card.name}
              </span>
            </span>
            <span className={css.faint}>
              <StatusPill status={status} />
            </span>
          </Hit>
        ))}
      </Group>
      <Group title={t('search.messages')} count={messages.length}>
        {messages.map((hit) => (
          <MessageHit
            key={hit.message_id}
            hit={hit}
            onOpen={() => target.openConversation(hit.conversation_id, hit.seq)}
          />
        ))}
      </Group>
    </>
  );
}

interface GroupProps {
  title: string;
  count: number;
  children: ReactNode;
}

function Group({ title, count, children }: GroupProps) {
  if (count === 0) return null;
  return (
    <>
      <h2 className={css.title}>{title}</h2>
      <ul className={css.hits}>{children}</ul>
    </>
  );
}

function Hit({ onOpen, children }: { onOpen: () => void; children: ReactNode }) {
  return (
    <li>
      <button type="button" className={css.hit} onClick={onOpen}>
        {children}
      </button>
    </li>
  );
}

function MessageHit({ hit, onOpen }: { hit: SearchMessage; onOpen: () => void }) {
  const now = useNow();
  return (
    <Hit onOpen={onOpen}>
      <Avatar id={hit.card_name} name={hit.card_name} size="sm" />
      <span className={css.text}>
        <span>
          <b>{hit.card_name}</b>{' '}
          <span className={css.faint}>
            #{hit.number} {hit.subject}
          </span>
        </span>
        <span className={css.snippet}>
          {parts(hit.snippet).map((part, at) =>
            part.hit ? <mark key={at}>{part.text}</mark> : <span key={at}>{part.text}</span>,
          )}
        </span>
      </span>
      <time className={css.faint} dateTime={hit.at} title={fullTime(hit.at)}>
        {listTime(hit.at, now)}
      </time>
    </Hit>
  );
}
