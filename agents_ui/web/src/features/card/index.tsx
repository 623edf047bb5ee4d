import type { Id } from '@/api/types';
import { useLiveCard } from '@/entities/live';
import { Skeleton } from '@/ui/states';

export interface CardPanelProps {
  cardId: Id;
  conversationId?: Id | undefined;
  onOpenConversation: (id: Id) => void;
}

export function CardPanel({ cardId }: CardPanelProps) {
  const card = useLiveCard(cardId);
  return card ? <h2>{card.display_name}</h2> : <Skeleton />;
}

export interface CardsPageProps {
  /** The open card, or null for the list alone. */
  cardId: Id | null;
  onOpen: (id: Id) => void;
  onOpenConversation: (id: Id) => void;
}

export function CardsPage({ cardId, onOpenConversation }: CardsPageProps) {
  return cardId ? (
    <CardPanel cardId={cardId} onOpenConversation={onOpenConversation} />
  ) : (
    <Skeleton />
  );
}
