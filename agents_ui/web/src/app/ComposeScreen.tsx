import { NewConversation } from '@/features/composer';
import { PaneBoundary } from '@/ui/states';
import { useGo } from './useGo';

export function ComposeScreen() {
  const go = useGo();
  return (
    <PaneBoundary>
      <NewConversation onDone={(id) => go.conversation(id)} onCancel={() => go.inbox('mine')} />
    </PaneBoundary>
  );
}
