import { Button, Stack } from '@mantine/core';
import {
  IconBrandTelegram,
  IconDeviceMobileMessage,
  IconMail,
  IconMessageCircle,
  IconServerBolt,
} from '@tabler/icons-react';
import { useState } from 'react';
import type { Account, AccountKind } from '@/api/types';
import { useT } from '@/ui/i18n';
import { Notice } from '@/ui/Notice';
import { AccountForm } from './AccountForm';
import { HookUrl } from './HookUrl';
import { kindsByType, providerName, type ChannelType } from './kinds';
import { Wizard } from './Wizard';
import css from './channels.module.css';

const ICONS = {
  email: IconMail,
  webchat: IconMessageCircle,
  telegram: IconBrandTelegram,
  sms: IconDeviceMobileMessage,
  smpp: IconServerBolt,
} as const satisfies Record<ChannelType, unknown>;

interface ConnectProps {
  kinds: readonly AccountKind[];
  onClose: () => void;
}

/** Connecting a channel: which one, whose, its settings, and what is left to do elsewhere. */
export function Connect({ kinds, onClose }: ConnectProps) {
  const t = useT();
  const offered = kindsByType(kinds);
  const [type, setType] = useState<ChannelType | null>(null);
  const [kind, setKind] = useState<AccountKind | null>(null);
  const [made, setMade] = useState<Account | null>(null);
  const choose = (next: ChannelType) => {
    const of = offered.get(next) ?? [];
    setType(next);
    setKind(of.length === 1 ? (of[0] ?? null) : null);
  };
  const back = () => {
    if ((offered.get(type ?? 'email')?.length ?? 0) > 1 && kind) setKind(null);
    else setType(null);
  };
  if (made) return <Made account={made} onClose={onClose} />;
  if (type === null) return <Types types={[...offered.keys()]} onChoose={choose} />;
  if (type === 'email' && kind) return <Wizard kind={kind} onClose={onClose} />;
  if (kind === null) {
    return (
      <Stack gap="md">
        <p className={css.ask}>{t('channels.which_gateway')}</p>
        <div className={css.providers}>
          {(offered.get(type) ?? []).map((one) => (
            <button
              key={one.provider}
              type="button"
              className={css.provider}
              onClick={() => setKind(one)}
            >
              <span>
                {one.provider === 'sms.custom' ? t('channels.own_gateway') : providerName(one)}
              </span>
            </button>
          ))}
        </div>
        <div>
          <Button variant="default" onClick={() => setType(null)}>
            {t('common.back')}
          </Button>
        </div>
      </Stack>
    );
  }
  return (
    <AccountForm
      key={kind.provider}
      kind={kind}
      cancel={t('common.back')}
      onCancel={back}
      onSaved={setMade}
    >
      <HowTo type={type} kind={kind} />
    </AccountForm>
  );
}

interface TypesProps {
  types: readonly ChannelType[];
  onChoose: (type: ChannelType) => void;
}

function Types({ types, onChoose }: TypesProps) {
  const t = useT();
  return (
    <div className={css.types}>
      {types.map((type, at) => {
        const Icon = ICONS[type];
        return (
          <button
            key={type}
            type="button"
            className={css.type}
            data-autofocus={at === 0 ? true : undefined}
            onClick={() => onChoose(type)}
          >
            <Icon size={26} stroke={1.5} aria-hidden />
            <span>
              <b>{t(`channels.type_${type}`)}</b>
              <small>{t(`channels.type_${type}_text`)}</small>
            </span>
          </button>
        );
      })}
    </div>
  );
}

/** What has to be done at the provider first. */
export function HowTo({ type, kind }: { type: ChannelType; kind: AccountKind }) {
  const t = useT();
  if (type === 'telegram') {
    return (
      <ol className={css.howto}>
        {(['botfather', 'newbot', 'token', 'groups'] as const).map((step) => (
          <li key={step}>{t(`telegram.howto_${step}`)}</li>
        ))}
      </ol>
    );
  }
  if (kind.provider === 'sms.custom')
    return <Notice tone="info">{t('channels.custom_text')}</Notice>;
  if (type === 'smpp') return <Notice tone="info">{t('channels.smpp_text')}</Notice>;
  return null;
}

function Made({ account, onClose }: { account: Account; onClose: () => void }) {
  const t = useT();
  return (
    <Stack gap="md">
      <Notice tone="good" title={t('channels.done', { address: account.name })}>
        {t('channels.made_text')}
      </Notice>
      <HookUrl account={account} />
      <Button onClick={onClose} data-autofocus>
        {t('common.done')}
      </Button>
    </Stack>
  );
}
