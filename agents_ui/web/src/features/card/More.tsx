import { useT } from '@/ui/i18n';
import { ErrorState, Skeleton } from '@/ui/states';
import css from './card.module.css';

interface MoreProps {
  pages: {
    isPending: boolean;
    error: unknown;
    hasNextPage: boolean;
    isFetchingNextPage: boolean;
    fetchNextPage: () => unknown;
    refetch: () => unknown;
  };
}

/** The end of a paged list: waiting, failed, or the button for what follows. */
export function More({ pages }: MoreProps) {
  const t = useT();
  if (pages.error) return <ErrorState error={pages.error} onRetry={() => void pages.refetch()} />;
  if (pages.isPending) return <Skeleton lines={3} />;
  if (!pages.hasNextPage) return null;
  return (
    <button
      type="button"
      className={css.small}
      disabled={pages.isFetchingNextPage}
      onClick={() => void pages.fetchNextPage()}
    >
      {t('card.show_more')}
    </button>
  );
}
