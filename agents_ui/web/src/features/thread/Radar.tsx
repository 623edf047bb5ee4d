import { IconRadar2 } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '@/api/http';
import type { ConversationItem, TimelinePage } from '@/api/types';
import { ChannelIcon } from '@/entities/agent/Avatar';
import { useMay } from '@/entities/live';
import { list } from '@/lib/format';
import { tMaybe } from '@/lib/i18n';
import { useT } from '@/ui/i18n';
import { toastError, toastUndo } from '@/ui/toast';
import css from './thread.module.css';
import { titleOf } from '@/entities/conversation/title';

/** The same client writes elsewhere, too: see it, or make one conversation of both. */
export function Radar({ conversation }: { conversation: ConversationItem }) {
  const t = useT();
  const { id, card, last_public_seq } = conversation;
  const mayJoin = useMay('conversation.reply');
  const { data, refetch } = useQuery({
    queryKey: ['parallel', id, last_public_seq],
    queryFn: () => api.get<ConversationItem[]>(`/api/conversations/${id}/parallel`),
    placeholderData: (before, query) => (query?.queryKey[1] === id ? before : undefined),
    retry: false,
  });
  const [busy, setBusy] = useState(false);
  const join = async (other: ConversationItem) => {
    setBusy(true);
    try {
      await api.post(`/api/conversations/${id}/join`, { from_id: other.id });
      toastUndo(t('radar.joined', { number: other.number }), () => {
        undo(id, other.id)
          .then(() => refetch())
          .catch((error: unknown) => toastError(t('radar.undo_failed'), error));
      });
      await refetch();
    } catch (error) {
      toastError(t('radar.failed'), error);
    }
    setBusy(false);
  };
  const [all, setAll] = useState(false);
  if (!data) return null;
  const shown = all ? data : data.slice(0, 1);
  return shown.map((other, at) => (
    <div key={other.id} className={css.notice} data-info="">
      <IconRadar2 size={18} stroke={1.6} aria-hidden />
      <span>
        {t('radar.also', { name: card.name })}{' '}
        <Link to="/inbox/$view/$conversation" params={{ view: 'all', conversation: other.id }}>
          #{other.number} {titleOf(other)}
        </Link>{' '}
        {other.channels.map((channel) => (
          <ChannelIcon key={channel} channel={channel} />
        ))}{' '}
        <span className="visually-hidden">
          {t('radar.on', {
            channel: list(other.channels.map((one) => tMaybe(`channel.${one}`, one))),
          })}
        </span>
      </span>
      {at === 0 && data.length > 1 && (
        <button type="button" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? t('thread.hide') : t('radar.more', { count: data.length - 1 })}
        </button>
      )}
      {mayJoin && (
        <button type="button" disabled={busy} onClick={() => void join(other)}>
          {t('radar.join')}
        </button>
      )}
    </div>
  ));
}

/** Takes the newest joining of a conversation back; its entry in the timeline names the move. */
async function undo(id: string, fromId: string): Promise<void> {
  const page = await api.get<TimelinePage>(`/api/conversations/${id}/messages?limit=50`);
  const entry = page.entries.findLast(
    ({ type, data }) => type === 'joined' && data.from_id === fromId,
  );
  if (!entry) throw new Error('no such move');
  await api.post(`/api/moves/${String(entry.data.move_id)}/undo`);
}
