import { Button } from '@mantine/core';
import { useInfiniteQuery, type QueryKey } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { api, withQuery } from '@/api/http';
import type { Page } from '@/api/types';
import { useT } from '@/ui/i18n';
import { Rows } from '@/ui/Page';
import { EmptyState, ErrorState, Skeleton } from '@/ui/states';

interface Props<R> {
  label: string;
  queryKey: QueryKey;
  path: string;
  params: Record<string, string | undefined>;
  empty: { title: string; text: string };
  row: (item: R) => ReactNode;
}

/** A log, newest first, page by page. */
export function Endless<R>({ label, queryKey, path, params, empty, row }: Props<R>) {
  const t = useT();
  const pages = useInfiniteQuery({
    queryKey: [...queryKey, path, params],
    queryFn: ({ pageParam }) =>
      api.get<Page<R>>(withQuery(path, { ...params, before: pageParam, limit: 50 })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
  });
  if (pages.isPending) return <Skeleton />;
  if (pages.isError) {
    return <ErrorState error={pages.error} onRetry={() => void pages.refetch()} />;
  }
  const items = pages.data.pages.flatMap((page) => page.items);
  if (items.length === 0) return <EmptyState {...empty} />;
  return (
    <>
      <Rows label={label}>{items.map(row)}</Rows>
      {pages.hasNextPage && (
        <Button
          mt="md"
          variant="default"
          loading={pages.isFetchingNextPage}
          onClick={() => void pages.fetchNextPage()}
        >
          {t('common.more')}
        </Button>
      )}
    </>
  );
}
