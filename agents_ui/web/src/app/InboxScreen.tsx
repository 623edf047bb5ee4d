import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import type { Id, ViewKey } from '@/api/types';
import { useConversation } from '@/entities/live';
import { CardPanel } from '@/features/card';
import { Composer } from '@/features/composer';
import { InboxList, ViewNav } from '@/features/inbox';
import { Thread } from '@/features/thread';
import { PaneBoundary } from '@/ui/states';

export function InboxScreen() {
  const params = useParams({ strict: false });
  const { seq } = useSearch({ strict: false });
  const navigate = useNavigate();
  const view = (params.view ?? 'mine') as ViewKey;
  const selected = params.conversation ?? null;
  const card = useConversation(selected)?.card;
  const open = (conversation: Id) =>
    void navigate({ to: '/inbox/$view/$conversation', params: { view, conversation } });
  return (
    <>
      <ViewNav
        current={view}
        onOpen={(next) => void navigate({ to: '/inbox/$view', params: { view: next } })}
      />
      <PaneBoundary resetKey={view}>
        <InboxList view={view} selected={selected} onOpen={open} />
      </PaneBoundary>
      {selected && (
        <PaneBoundary resetKey={selected}>
          <Thread
            conversationId={selected}
            seq={seq}
            composer={<Composer conversationId={selected} />}
          />
        </PaneBoundary>
      )}
      {card && (
        <PaneBoundary resetKey={card.id}>
          <CardPanel cardId={card.id} onOpenConversation={open} />
        </PaneBoundary>
      )}
    </>
  );
}
