import { Select, Stack } from '@mantine/core';
import { IconBrandTelegram, IconPencilPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '@/api/http';
import type { Card, InvitationLink } from '@/api/types';
import { useAccounts, useMay } from '@/entities/live';
import { shortDateTime } from '@/lib/format';
import { CopyField } from '@/ui/CopyField';
import { Dialog } from '@/ui/Dialog';
import { useT } from '@/ui/i18n';
import { Notice } from '@/ui/Notice';
import { problemText } from '@/ui/problem';
import css from './visitor.module.css';

/** The ways to reach a client from their card: write first, or invite them to write. */
export function Reach({ card }: { card: Card }) {
  const t = useT();
  const mayReply = useMay('conversation.reply');
  const bots = useAccounts().filter(({ kind, is_enabled }) => kind === 'telegram' && is_enabled);
  const [open, setOpen] = useState(false);
  if (!mayReply) return null;
  return (
    <div className={css.reach}>
      <Link className={css.write} to="/new" search={{ card: card.id }}>
        <IconPencilPlus size={16} stroke={1.7} aria-hidden />
        {t('new.write')}
      </Link>
      {bots.length > 0 && (
        <button type="button" className={css.write} onClick={() => setOpen(true)}>
          <IconBrandTelegram size={16} stroke={1.7} aria-hidden />
          {t('invite.button')}
        </button>
      )}
      <Dialog opened={open} onClose={() => setOpen(false)} title={t('invite.title')}>
        {open && <Invitation cardId={card.id} bots={bots} />}
      </Dialog>
    </div>
  );
}

interface InvitationProps {
  cardId: string;
  bots: readonly { id: string; name: string; address: string }[];
}

/** A link that ties whoever opens it to the card, as text and as a code to point a phone at. */
function Invitation({ cardId, bots }: InvitationProps) {
  const t = useT();
  const [bot, setBot] = useState(bots[0]?.id ?? '');
  const { data, error } = useQuery({
    queryKey: ['deep-link', cardId, bot],
    queryFn: () =>
      api.post<InvitationLink>(`/api/cards/${cardId}/deep-links`, {
        account_id: bot,
        purpose: 'invite',
      }),
    staleTime: Infinity,
    gcTime: 0,
    retry: false,
    refetchOnWindowFocus: false,
  });
  return (
    <Stack gap="md">
      <div>{t('invite.text')}</div>
      {bots.length > 1 && (
        <Select
          label={t('invite.bot')}
          data={bots.map(({ id, name, address }) => ({ value: id, label: `${name} ${address}` }))}
          value={bot}
          allowDeselect={false}
          onChange={(next) => next && setBot(next)}
        />
      )}
      {error && <Notice tone="bad">{problemText(error)}</Notice>}
      {data && (
        <>
          <img
            className={css.qr}
            src={`data:image/svg+xml,${encodeURIComponent(data.svg)}`}
            alt={t('invite.qr')}
          />
          <CopyField label={t('invite.link')} value={data.url} />
          <div>{t('invite.until', { at: shortDateTime(data.expires_at) })}</div>
        </>
      )}
    </Stack>
  );
}
