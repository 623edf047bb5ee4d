import { Stack, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/http';
import type { ChannelOption, Id } from '@/api/types';
import { Dialog, FormFooter } from '@/ui/Dialog';
import { useT } from '@/ui/i18n';
import { Notice } from '@/ui/Notice';
import { problemText } from '@/ui/problem';
import css from './composer.module.css';

interface LiftOptOutProps {
  option: ChannelOption;
  conversationId: Id;
}

const SHORTEST = 3;

/** Notes that a client who opted out wants messages again; the hub keeps who said so and why. */
export function LiftOptOut({ option, conversationId }: LiftOptOutProps) {
  const t = useT();
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState('');
  const lift = useMutation({
    mutationFn: () =>
      api.post(`/api/conversations/${conversationId}/consent`, {
        identity_id: option.identity_id,
        reason: reason.trim(),
      }),
    onSuccess: async () => {
      setOpen(false);
      await queries.invalidateQueries({ queryKey: ['channels'] });
    },
  });
  return (
    <>
      <button type="button" className={css.small} onClick={() => setOpen(true)}>
        {t('lift.button')}
      </button>
      <Dialog
        opened={open}
        onClose={() => setOpen(false)}
        title={t('lift.title', { address: option.display || option.address })}
      >
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (reason.trim().length >= SHORTEST) lift.mutate();
          }}
        >
          <Stack gap="md">
            <div>{t('lift.text')}</div>
            <Textarea
              label={t('lift.reason')}
              data-autofocus
              autosize
              minRows={2}
              maxLength={500}
              value={reason}
              onChange={(event) => setReason(event.currentTarget.value)}
            />
            {lift.error && <Notice tone="bad">{problemText(lift.error)}</Notice>}
            <FormFooter
              busy={lift.isPending}
              action={t('lift.button')}
              onCancel={() => setOpen(false)}
            />
          </Stack>
        </form>
      </Dialog>
    </>
  );
}
