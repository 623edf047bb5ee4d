import { IconArrowMerge, IconHistory, IconLinkPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { api } from '@/api/http';
import type { ConversationItem, Id } from '@/api/types';
import { useConversation } from '@/entities/live';
import type { Key } from '@/lib/i18n';
import { useT } from '@/ui/i18n';
import css from './thread.module.css';
import { titleOf } from '@/entities/conversation/title';

/** Which other conversations this one belongs with. */
export function ThreadLinks({ conversation }: { conversation: ConversationItem }) {
  const { continues_id, related_id, merged_into } = conversation;
  return (
    <>
      {merged_into && (
        <Banner id={merged_into} text="thread.merged_into" icon={<IconArrowMerge size={16} />} />
      )}
      {continues_id && (
        <Banner id={continues_id} text="thread.continues" icon={<IconHistory size={16} />} />
      )}
      {related_id && (
        <Banner id={related_id} text="thread.related" icon={<IconLinkPlus size={16} />} />
      )}
    </>
  );
}

function Banner({ id, text, icon }: { id: Id; text: Key; icon: ReactNode }) {
  const t = useT();
  const live = useConversation(id);
  const { data } = useQuery({
    queryKey: ['conversation', id],
    queryFn: () => api.get<ConversationItem>(`/api/conversations/${id}`),
    enabled: live === undefined,
  });
  const other = live ?? data;
  if (!other) return null;
  return (
    <p className={css.banner}>
      <span aria-hidden>{icon}</span>
      <span>{t(text)}</span>
      <Link to="/inbox/$view/$conversation" params={{ view: 'all', conversation: id }}>
        #{other.number} {titleOf(other)}
      </Link>
    </p>
  );
}
