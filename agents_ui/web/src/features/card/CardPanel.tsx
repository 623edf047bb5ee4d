import { useQuery } from '@tanstack/react-query';
import { api } from '@/api/http';
import type { Card, Id } from '@/api/types';
import { useLiveCard } from '@/entities/live';
import { useT } from '@/ui/i18n';
import { ErrorState, Skeleton } from '@/ui/states';
import { CardHead } from './CardHead';
import { Conversations } from './Conversations';
import { Fields } from './Fields';
import { Happenings } from './Happenings';
import { Identities } from './Identities';
import { Merges } from './Merges';
import { Reach } from './Reach';
import { Section } from './Section';
import { VisitorSection } from './VisitorSection';
import css from './card.module.css';

export interface CardPanelProps {
  cardId: Id;
  conversationId?: Id | undefined;
  onOpenConversation: (id: Id) => void;
}

/** Who the client is: addresses, fields, conversations and everything that happened. */
export function CardPanel({ cardId, conversationId, onOpenConversation }: CardPanelProps) {
  const t = useT();
  const live = useLiveCard(cardId);
  const { data, error, refetch } = useQuery({
    queryKey: ['card', cardId],
    queryFn: () => api.get<Card>(`/api/cards/${cardId}`),
    enabled: live === undefined,
  });
  const card = live ?? data;
  if (!card) {
    return error ? (
      <ErrorState error={error} onRetry={() => void refetch()} />
    ) : (
      <Skeleton lines={8} height={14} />
    );
  }
  return (
    <section className={css.panel} aria-label={t('card.panel', { name: card.display_name })}>
      <CardHead card={card} />
      <Reach card={card} />
      <Identities card={card} />
      {conversationId && <VisitorSection cardId={card.id} conversationId={conversationId} />}
      <Fields key={card.id} card={card} />
      <Section title={t('card.conversations')}>
        <Conversations cardId={card.id} current={conversationId} onOpen={onOpenConversation} />
      </Section>
      <Section title={t('card.timeline')} closed>
        <Happenings cardId={card.id} onOpen={onOpenConversation} />
      </Section>
      <Merges card={card} />
    </section>
  );
}
