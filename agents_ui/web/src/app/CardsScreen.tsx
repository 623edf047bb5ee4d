import { useParams } from '@tanstack/react-router';
import { CardsPage } from '@/features/card';
import { PaneBoundary } from '@/ui/states';
import { useGo } from './useGo';

export function CardsScreen() {
  const { card } = useParams({ strict: false });
  const go = useGo();
  return (
    <PaneBoundary resetKey={card}>
      <CardsPage
        cardId={card ?? null}
        onOpen={go.card}
        onOpenConversation={(id) => go.conversation(id)}
      />
    </PaneBoundary>
  );
}
