import { useInfiniteQuery } from '@tanstack/react-query';
import { api, withQuery } from '@/api/http';

interface Page<T> {
  items: T[];
  next: string | null;
}

/** A list read page by page by the hub's opaque mark. */
export function usePages<T>(path: string, query: Record<string, string> = {}) {
  const pages = useInfiniteQuery({
    queryKey: [path, query],
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<T>>(withQuery(path, { ...query, before: pageParam }), { signal }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next ?? undefined,
  });
  const items = pages.data?.pages.flatMap((page) => page.items) ?? [];
  return {
    items,
    error: pages.error,
    isPending: pages.isPending,
    isSuccess: pages.isSuccess,
    hasNextPage: pages.hasNextPage,
    isFetchingNextPage: pages.isFetchingNextPage,
    fetchNextPage: pages.fetchNextPage,
    refetch: pages.refetch,
  };
}
