import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api, withQuery } from '@/api/http';
import type { Id, SearchResult } from '@/api/types';
import { t } from '@/lib/i18n';
import { plain } from './snippet';

export interface SearchTarget {
  openCard: (id: Id) => void;
  openConversation: (id: Id, seq?: number) => void;
}

export interface PaletteItem {
  id: string;
  group: 'people' | 'conversations' | 'messages';
  title: string;
  subtitle: string;
  run: () => void;
}

const SHORTEST = 2;
const PAUSE_MS = 120;

/** What the hub finds for a text, asked for after a short pause; the old answer stays meanwhile. */
export function useFound(query: string, limit: number) {
  const q = usePaused(query.trim());
  return useQuery({
    queryKey: ['search', q, limit],
    queryFn: ({ signal }) =>
      api.get<SearchResult>(withQuery('/api/search', { q, limit }), { signal }),
    enabled: q.length >= SHORTEST,
    placeholderData: keepPreviousData,
  });
}

/** What the palette shows of the hub's search below its own actions. */
export function useSearchItems(query: string, target: SearchTarget): PaletteItem[] {
  const { data } = useFound(query, 6);
  if (!data || query.trim().length < SHORTEST) return [];
  const people = data.cards.map(({ id, display_name, matched }): PaletteItem => ({
    id: `card:${id}`,
    group: 'people',
    title: display_name,
    subtitle: matched === display_name ? '' : matched,
    run: () => target.openCard(id),
  }));
  const conversations = data.conversations.map(({ id, number, subject, card }): PaletteItem => ({
    id: `conversation:${id}`,
    group: 'conversations',
    title: subject || t('conversation.no_subject'),
    subtitle: `#${number} · ${card.name}`,
    run: () => target.openConversation(id),
  }));
  const messages = data.messages.map(
    ({ message_id, conversation_id, seq, card_name, snippet }): PaletteItem => ({
      id: `message:${message_id}`,
      group: 'messages',
      title: plain(snippet),
      subtitle: card_name,
      run: () => target.openConversation(conversation_id, seq),
    }),
  );
  return [...people, ...conversations, ...messages];
}

function usePaused(text: string): string {
  const [paused, setPaused] = useState(text);
  useEffect(() => {
    const timer = window.setTimeout(() => setPaused(text), PAUSE_MS);
    return () => window.clearTimeout(timer);
  }, [text]);
  return paused;
}
