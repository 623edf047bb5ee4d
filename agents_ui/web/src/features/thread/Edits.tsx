import { Popover } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/http';
import type { Message, MessageEdit } from '@/api/types';
import { RichText } from '@/entities/message/RichText';
import { shortDateTime } from '@/lib/format';
import { useT } from '@/ui/i18n';
import { problemText } from '@/ui/problem';
import css from './edits.module.css';

/** Says that a message was changed, and shows on a click what it said before. */
export function Edited({ message }: { message: Message }) {
  const t = useT();
  const [open, setOpen] = useState(false);
  if (!message.edited_at) return null;
  if (!message.edits) return <span className={css.mark}>{t('thread.edited')}</span>;
  const button = (
    <button
      type="button"
      className={css.link}
      aria-expanded={open}
      title={shortDateTime(message.edited_at)}
      onClick={() => setOpen(!open)}
    >
      {t('thread.edited')}
    </button>
  );
  if (!open) return button;
  return (
    <Popover opened onChange={setOpen} width={360} shadow="md" trapFocus returnFocus>
      <Popover.Target>{button}</Popover.Target>
      <Popover.Dropdown>
        <History message={message} />
      </Popover.Dropdown>
    </Popover>
  );
}

function History({ message }: { message: Message }) {
  const t = useT();
  const { data, error } = useQuery({
    queryKey: ['edits', message.id, message.rev],
    queryFn: () => api.get<MessageEdit[]>(`/api/messages/${message.id}/edits`),
  });
  return (
    <section className={css.history} tabIndex={0} aria-label={t('chat.history')}>
      <h4>{t('chat.history')}</h4>
      {error && <p role="alert">{problemText(error)}</p>}
      {data?.map(({ n, at, text, spans }) => (
        <article key={n}>
          <time dateTime={at}>{shortDateTime(at)}</time>
          <div dir="auto">
            {text === '' ? t('chat.no_text') : <RichText text={text} spans={spans} />}
          </div>
        </article>
      ))}
    </section>
  );
}
