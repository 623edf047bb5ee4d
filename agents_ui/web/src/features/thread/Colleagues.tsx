import { IconPencil } from '@tabler/icons-react';
import type { Id } from '@/api/types';
import { Avatar } from '@/entities/agent/Avatar';
import { useAgent, useMe, useTyping, useViewers } from '@/entities/live';
import { useT } from '@/ui/i18n';
import css from './head.module.css';

const SHOWN = 3;

/** Colleagues who look at the conversation, and who of them is writing what. */
export function Colleagues({ conversationId }: { conversationId: Id }) {
  const t = useT();
  const me = useMe();
  const viewers = useViewers(conversationId).filter((id) => id !== me.id);
  const writer = useTyping(conversationId).find(({ agent_id }) => agent_id !== me.id);
  const name = useAgent(writer?.agent_id ?? null)?.name;
  if (viewers.length === 0 && !name) return null;
  return (
    <span className={css.colleagues} role="status">
      {viewers.slice(0, SHOWN).map((id) => (
        <Face key={id} id={id} />
      ))}
      {viewers.length > SHOWN && <span>+{viewers.length - SHOWN}</span>}
      {name ? (
        <span
          className={css.writing}
          title={t(writer?.kind === 'note' ? 'thread.writes_note' : 'thread.writes_reply', {
            name,
          })}
        >
          <IconPencil size={14} aria-hidden />
          {t('inbox.typing', { name })}
        </span>
      ) : (
        <span className="visually-hidden">{t('thread.viewers', { count: viewers.length })}</span>
      )}
    </span>
  );
}

function Face({ id }: { id: Id }) {
  const t = useT();
  const agent = useAgent(id);
  if (!agent) return null;
  return (
    <span title={t('thread.is_viewing', { name: agent.name })} className={css.face}>
      <Avatar id={id} name={agent.name} size="xs" />
    </span>
  );
}
