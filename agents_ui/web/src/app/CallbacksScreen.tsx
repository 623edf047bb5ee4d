import { CallbacksPage } from '@/features/callbacks';
import { PaneBoundary } from '@/ui/states';
import { useGo } from './useGo';

export function CallbacksScreen() {
  const go = useGo();
  return (
    <PaneBoundary>
      <CallbacksPage onOpen={(id) => go.conversation(id)} onOpenCard={go.card} />
    </PaneBoundary>
  );
}
