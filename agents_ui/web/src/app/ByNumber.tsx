import { useQuery } from '@tanstack/react-query';
import { Navigate, useParams } from '@tanstack/react-router';
import { api } from '@/api/http';
import type { ConversationItem } from '@/api/types';
import { ErrorState, Skeleton } from '@/ui/states';

/** The short address people say aloud: /c/1024. */
export function ByNumber() {
  const { number = '' } = useParams({ strict: false });
  const found = useQuery({
    queryKey: ['by-number', number],
    queryFn: () =>
      api.get<ConversationItem>(`/api/conversations/by-number/${encodeURIComponent(number)}`),
  });
  if (found.isPending) return <Skeleton />;
  if (found.isError) {
    return <ErrorState error={found.error} onRetry={() => void found.refetch()} />;
  }
  const params = { view: 'all', conversation: found.data.id };
  return <Navigate to="/inbox/$view/$conversation" params={params} replace />;
}
