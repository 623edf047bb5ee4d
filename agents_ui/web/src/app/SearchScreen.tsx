import { useNavigate, useSearch } from '@tanstack/react-router';
import { SearchPage } from '@/features/search';
import { PaneBoundary } from '@/ui/states';
import { useGo } from './useGo';

export function SearchScreen() {
  const { q = '' } = useSearch({ strict: false });
  const navigate = useNavigate();
  const go = useGo();
  return (
    <PaneBoundary>
      <SearchPage
        query={q}
        onQuery={(query) => void navigate({ to: '/search', search: { q: query }, replace: true })}
        openCard={go.card}
        openConversation={(id, seq) => go.conversation(id, { seq })}
      />
    </PaneBoundary>
  );
}
