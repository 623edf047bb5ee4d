import type { Id } from '@/api/types';

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

/** What the palette shows of the hub's search below its own actions. */
export function useSearchItems(query: string, target: SearchTarget): PaletteItem[] {
  return query && target ? [] : [];
}

export interface SearchPageProps extends SearchTarget {
  query: string;
  onQuery: (query: string) => void;
}

export function SearchPage({ query }: SearchPageProps) {
  return <output>{query}</output>;
}
