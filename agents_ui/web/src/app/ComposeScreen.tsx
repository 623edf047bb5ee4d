import { useSearch } from '@tanstack/react-router';
import { NewConversation } from '@/features/composer';
import { PaneBoundary } from '@/ui/states';
import { useGo } from './useGo';

export function ComposeScreen() {
  const go = useGo();
  const { card } = useSearch({ strict: false });
  return (
    <PaneBoundary>
      <NewConversation
        key={card}
        cardId={card}
        onDone={(id) => go.conversation(id)}
        onCancel={() => go.inbox('mine')}
      />
    </PaneBoundary>
  );
}
