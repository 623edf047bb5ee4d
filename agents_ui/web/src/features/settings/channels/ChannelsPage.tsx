import { Button, Menu } from '@mantine/core';
import { IconMailbox, IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/http';
import type { Account, AccountKind } from '@/api/types';
import { ChannelIcon } from '@/entities/agent/Avatar';
import { useAccounts, useHub, useMay, useTeam } from '@/entities/live';
import { ago, span } from '@/lib/format';
import { tMaybe } from '@/lib/i18n';
import { useNow } from '@/ui/clock';
import { Confirm, Dialog } from '@/ui/Dialog';
import { useT } from '@/ui/i18n';
import { Notice } from '@/ui/Notice';
import { Badge, Page, Row, Rows } from '@/ui/Page';
import { problemText } from '@/ui/problem';
import { RowMenu } from '@/ui/RowMenu';
import { EmptyState } from '@/ui/states';
import { EditAccount } from './EditAccount';
import { shown } from './health';
import { signInAtProvider } from './oauth';
import { AccountForm } from './AccountForm';
import { Connect } from './Connect';
import { typeOf } from './kinds';
import css from './channels.module.css';

type Open =
  | { kind: 'connect' }
  | { kind: 'edit'; account: Account }
  | { kind: 'remove'; account: Account }
  | null;

export default function ChannelsPage() {
  const t = useT();
  const accounts = useAccounts();
  const may = useMay('account.manage');
  const [open, setOpen] = useState<Open>(null);
  const kinds = useQuery({
    queryKey: ['account-kinds'],
    queryFn: () => api.get<AccountKind[]>('/api/account-kinds'),
    enabled: may,
    staleTime: Infinity,
  });
  const close = () => setOpen(null);
  const connect = may && (
    <Button
      leftSection={<IconPlus size={16} />}
      loading={kinds.isPending}
      disabled={!kinds.data}
      onClick={() => setOpen({ kind: 'connect' })}
    >
      {t('channels.add')}
    </Button>
  );
  return (
    <Page
      title={t('admin.channels')}
      lead={t('channels.lead')}
      actions={accounts.length > 0 && connect}
    >
      {kinds.isError && <Notice tone="bad">{problemText(kinds.error)}</Notice>}
      {accounts.length === 0 ? (
        <EmptyState
          icon={<IconMailbox size={26} stroke={1.6} />}
          title={t('channels.none')}
          text={t('channels.none_text')}
          action={connect}
        />
      ) : (
        <Rows label={t('admin.channels')}>
          {accounts.map((account) => (
            <AccountRow key={account.id} account={account} may={may} onOpen={setOpen} />
          ))}
        </Rows>
      )}
      <Dialog
        opened={open?.kind === 'connect'}
        onClose={close}
        title={t('channels.add')}
        size={600}
      >
        {open?.kind === 'connect' && kinds.data && <Connect kinds={kinds.data} onClose={close} />}
      </Dialog>
      <Dialog opened={open?.kind === 'edit'} onClose={close} title={t('channels.edit')} size={600}>
        {open?.kind === 'edit' && (
          <Edit account={open.account} kinds={kinds.data ?? []} onDone={close} />
        )}
      </Dialog>
      <Remove account={open?.kind === 'remove' ? open.account : null} onClose={close} />
    </Page>
  );
}

interface EditProps {
  account: Account;
  kinds: readonly AccountKind[];
  onDone: () => void;
}

/** A mailbox has a form of its own; every other account is described by its adapter. */
function Edit({ account, kinds, onDone }: EditProps) {
  const t = useT();
  const kind = kinds.find(({ provider }) => provider === account.provider);
  if (typeOf(account.provider) === 'email')
    return <EditAccount account={account} onDone={onDone} />;
  if (!kind) return <Notice tone="warn">{t('channels.not_installed')}</Notice>;
  return (
    <AccountForm
      kind={kind}
      account={account}
      cancel={t('common.cancel')}
      onCancel={onDone}
      onSaved={onDone}
    />
  );
}

interface RowProps {
  account: Account;
  may: boolean;
  onOpen: (open: Open) => void;
}

function AccountRow({ account, may, onOpen }: RowProps) {
  const t = useT();
  const hub = useHub();
  const team = useTeam(account.team_id);
  const { tone, state } = shown(account);
  const pause = useMutation({
    mutationFn: () =>
      api.patch<Account>(`/api/accounts/${account.id}`, { is_enabled: !account.is_enabled }),
    onSuccess: (saved) => hub.store.accounts.set(saved.id, saved),
  });
  const signIn = useMutation({ mutationFn: () => signInAtProvider(account) });
  const error = pause.error ?? signIn.error;
  return (
    <Row
      lead={
        <span className={css.glyph} aria-hidden>
          <ChannelIcon channel={account.kind} size={20} />
        </span>
      }
      title={
        <>
          {account.name}
          <Badge tone={tone}>{t(`health.state_${state}`)}</Badge>
        </>
      }
      meta={
        <>
          {account.address}
          {team && ` · ${team.name}`}
          <Vitals account={account} />
        </>
      }
      end={
        may && (
          <RowMenu label={t('common.actions_for', { name: account.name })}>
            <Menu.Item onClick={() => onOpen({ kind: 'edit', account })}>
              {t('common.edit')}
            </Menu.Item>
            {account.config.auth === 'oauth' && (
              <Menu.Item onClick={() => signIn.mutate()}>{t('channels.sign_in_again')}</Menu.Item>
            )}
            <Menu.Item onClick={() => pause.mutate()}>
              {t(account.is_enabled ? 'channels.pause' : 'channels.go_on')}
            </Menu.Item>
            <Menu.Item color="red" onClick={() => onOpen({ kind: 'remove', account })}>
              {t('channels.remove')}
            </Menu.Item>
          </RowMenu>
        )
      }
    >
      {error && <Notice tone="bad">{problemText(error)}</Notice>}
      {account.is_enabled && account.health.code !== '' && <Trouble account={account} />}
    </Row>
  );
}

/** The last mail, how late it came, and what still waits at the provider. */
function Vitals({ account }: { account: Account }) {
  const t = useT();
  const now = useNow();
  const { last_received_at, lag_seconds, backlog, details } = account.health;
  const parts = [
    last_received_at &&
      t(account.kind === 'email' ? 'channels.last_mail' : 'channels.last_message', {
        when: ago(last_received_at, now),
      }),
    lag_seconds !== null && t('channels.lag', { span: span(lag_seconds) }),
    backlog !== null &&
      backlog > 0 &&
      t(account.kind === 'email' ? 'channels.backlog' : 'channels.waiting', { count: backlog }),
    typeof details.balance === 'string' && t('channels.balance', { amount: details.balance }),
    details.groups === 'privacy_mode' && t('channels.privacy_mode'),
  ].filter(Boolean);
  return parts.length > 0 && <div>{parts.join(' · ')}</div>;
}

function Trouble({ account }: { account: Account }) {
  const { code, text, remedy } = account.health;
  const what = tMaybe(`health.${code}`, text || code);
  const todo = tMaybe(`remedy.${remedy}`, '');
  return (
    <div className={css.trouble}>
      <Notice tone={shown(account).tone === 'bad' ? 'bad' : 'warn'} title={what}>
        {todo && <div>{todo}</div>}
        {text && text !== what && <code className={css.said}>{text}</code>}
      </Notice>
    </div>
  );
}

function Remove({ account, onClose }: { account: Account | null; onClose: () => void }) {
  const t = useT();
  const hub = useHub();
  const remove = useMutation({
    mutationFn: (id: string) => api.delete(`/api/accounts/${id}`),
    onSuccess: (_nothing, id) => {
      hub.store.accounts.delete(id);
      onClose();
    },
  });
  return (
    <Confirm
      opened={account !== null}
      title={t('channels.remove_title', { name: account?.name ?? '' })}
      text={t('channels.remove_text')}
      action={t('channels.remove')}
      busy={remove.isPending}
      error={remove.error}
      onConfirm={() => account && remove.mutate(account.id)}
      onClose={onClose}
    />
  );
}
