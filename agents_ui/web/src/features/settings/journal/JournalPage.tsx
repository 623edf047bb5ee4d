import { Button, Select } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/http';
import type { JournalEntry } from '@/api/types';
import { useAccount, useAccounts, useMay } from '@/entities/live';
import { bytes, shortDateTime } from '@/lib/format';
import { tMaybe, type Key } from '@/lib/i18n';
import { useT } from '@/ui/i18n';
import { Notice } from '@/ui/Notice';
import { Badge, Page, Row } from '@/ui/Page';
import { problemText } from '@/ui/problem';
import { Endless } from '@/features/settings/Endless';
import css from '@/features/settings/log.module.css';

const STATES = ['received', 'processed', 'ignored', 'duplicate', 'quarantined'] as const;
const TONES: Record<string, 'good' | 'info' | 'quiet' | 'bad'> = {
  received: 'info',
  processed: 'good',
  ignored: 'quiet',
  duplicate: 'quiet',
  quarantined: 'bad',
};

/** Everything providers handed over and what became of it: nothing ever disappears. */
export default function JournalPage() {
  const t = useT();
  const accounts = useAccounts();
  const [state, setState] = useState<string | null>(null);
  const [account, setAccount] = useState<string | null>(null);
  return (
    <Page title={t('admin.journal')} lead={t('journal.lead')}>
      <div className={css.filters}>
        <Select
          label={t('journal.state')}
          placeholder={t('journal.any')}
          clearable
          data={STATES.map((value) => ({ value, label: t(`journal.state_${value}`) }))}
          value={state}
          onChange={setState}
          clearButtonProps={{ 'aria-label': t('common.clear') }}
        />
        <Select
          label={t('journal.account')}
          placeholder={t('journal.any')}
          clearable
          data={accounts.map(({ id, name }) => ({ value: id, label: name }))}
          value={account}
          onChange={setAccount}
          clearButtonProps={{ 'aria-label': t('common.clear') }}
        />
      </div>
      <Endless<JournalEntry>
        label={t('admin.journal')}
        queryKey={['journal']}
        path="/api/journal"
        params={{ state: state ?? undefined, account_id: account ?? undefined }}
        empty={{ title: t('journal.none'), text: t('journal.none_text') }}
        row={(entry) => <JournalRow key={entry.id} entry={entry} />}
      />
    </Page>
  );
}

function JournalRow({ entry }: { entry: JournalEntry }) {
  const t = useT();
  const queries = useQueryClient();
  const account = useAccount(entry.account_id);
  const may = useMay('journal.replay');
  const replay = useMutation({
    mutationFn: () => api.post(`/api/journal/${entry.id}/replay`),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['journal'] }),
  });
  const stuck = entry.state === 'quarantined' || entry.state === 'received';
  return (
    <Row
      title={
        <>
          <Badge tone={TONES[entry.state] ?? 'quiet'}>
            {tMaybe(`journal.state_${entry.state}`, entry.state)}
          </Badge>
          {account?.name ?? entry.kind}
          <span className={css.key}>{entry.key}</span>
        </>
      }
      meta={[
        shortDateTime(entry.received_at),
        bytes(entry.size),
        entry.attempts > 1 && t('journal.attempts', { count: entry.attempts }),
        entry.reason && tMaybe(`journal.reason_${entry.reason}` as Key, entry.reason),
      ]
        .filter(Boolean)
        .join(' · ')}
      end={
        <>
          {may && stuck && (
            <Button
              size="compact-sm"
              variant="default"
              loading={replay.isPending}
              onClick={() => replay.mutate()}
            >
              {t('journal.replay')}
            </Button>
          )}
          <Button
            size="compact-sm"
            variant="subtle"
            component="a"
            href={`/api/journal/${entry.id}/raw`}
            download
            aria-label={t('journal.raw_of', { key: entry.key })}
          >
            {t('journal.raw')}
          </Button>
        </>
      }
    >
      {replay.isError && <Notice tone="bad">{problemText(replay.error)}</Notice>}
    </Row>
  );
}
