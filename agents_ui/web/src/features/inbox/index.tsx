import type { Id, ViewKey } from '@/api/types';
import { useView } from '@/entities/live';
import { Skeleton } from '@/ui/states';

export interface InboxListProps {
  view: ViewKey;
  selected: Id | null;
  onOpen: (id: Id) => void;
}

export function InboxList({ view }: InboxListProps) {
  return <Skeleton lines={useView(view)?.ids.length ?? 6} />;
}

export interface ViewNavProps {
  current: ViewKey;
  onOpen: (view: ViewKey) => void;
}

export function ViewNav({ current }: ViewNavProps) {
  return <nav data-view={current} />;
}
