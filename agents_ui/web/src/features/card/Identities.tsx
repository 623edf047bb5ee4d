import { Menu } from '@mantine/core';
import {
  IconBrandTelegram,
  IconCopy,
  IconDots,
  IconId,
  IconMail,
  IconPhone,
  IconPlus,
  IconStar,
  IconStarFilled,
  IconTag,
  IconUnlink,
  IconUsersGroup,
  IconWorld,
} from '@tabler/icons-react';
import { useState } from 'react';
import { api } from '@/api/http';
import type { Card, CardIdentity } from '@/api/types';
import { useMay } from '@/entities/live';
import { tMaybe } from '@/lib/i18n';
import { useT } from '@/ui/i18n';
import { toastDone, toastError, toastUndo } from '@/ui/toast';
import { AddIdentity } from './AddIdentity';
import { InlineText } from './InlineText';
import { showPhone } from './phone';
import { Section } from './Section';
import css from './card.module.css';

const ICONS: Record<string, typeof IconMail> = {
  email: IconMail,
  phone: IconPhone,
  telegram_user: IconBrandTelegram,
  telegram_chat: IconBrandTelegram,
  web_visitor: IconWorld,
  sip_uri: IconPhone,
};

/** Every address the client has been reached at, with what is known about each. */
export function Identities({ card }: { card: Card }) {
  const t = useT();
  const mayChange = useMay('card.update');
  const [adding, setAdding] = useState(false);
  return (
    <Section
      title={t('card.identities')}
      action={
        mayChange && (
          <button
            type="button"
            className={css.tool}
            aria-label={t('card.add_identity')}
            title={t('card.add_identity')}
            onClick={() => setAdding(!adding)}
          >
            <IconPlus size={18} stroke={1.7} aria-hidden />
          </button>
        )
      }
    >
      {adding && <AddIdentity cardId={card.id} onDone={() => setAdding(false)} />}
      <ul className={css.identities}>
        {card.identities.map((identity) => (
          <IdentityLine
            key={identity.link_id}
            cardId={card.id}
            identity={identity}
            mayChange={mayChange}
          />
        ))}
      </ul>
      {card.identities.length === 0 && !adding && (
        <p className={css.none}>{t('card.no_identity')}</p>
      )}
    </Section>
  );
}

interface IdentityLineProps {
  cardId: string;
  identity: CardIdentity;
  mayChange: boolean;
}

function IdentityLine({ cardId, identity, mayChange }: IdentityLineProps) {
  const t = useT();
  const [labelling, setLabelling] = useState(false);
  const Icon = ICONS[identity.kind] ?? IconId;
  const shown = identity.kind === 'phone' ? showPhone(identity.value) : identity.value;
  const path = `/api/cards/${cardId}/identities/${identity.link_id}`;
  const change = (part: Partial<CardIdentity>) =>
    api.patch(path, part).catch((error: unknown) => toastError(t('card.change_failed'), error));
  const copy = () => {
    navigator.clipboard.writeText(identity.value).then(
      () => toastDone(t('common.copied')),
      (error: unknown) => toastError(t('common.copy_failed'), error),
    );
  };
  const detach = () => {
    const back = { kind: identity.kind, value: identity.value, label: identity.label };
    api.delete(path).then(
      () =>
        toastUndo(t('card.detached', { value: shown }), () => {
          api
            .post(`/api/cards/${cardId}/identities`, back)
            .catch((error: unknown) => toastError(t('card.change_failed'), error));
        }),
      (error: unknown) => toastError(t('card.change_failed'), error),
    );
  };
  return (
    <li className={css.identity}>
      <Icon size={18} stroke={1.6} aria-hidden />
      <div className={css.value}>
        <span className={css.address} title={identity.value}>
          {shown}
          {identity.extension && ` ${t('card.extension', { ext: identity.extension })}`}
        </span>
        <span className={css.marks}>
          {labelling ? (
            <InlineText
              label={t('card.label')}
              value={identity.label}
              onSave={(label) => {
                setLabelling(false);
                void change({ label });
              }}
              onCancel={() => setLabelling(false)}
            />
          ) : (
            identity.label && <span>{identity.label}</span>
          )}
          {identity.is_primary && <span>{t('card.primary')}</span>}
          {identity.shared && <span>{t('card.shared')}</span>}
          {identity.verified_at && <span data-good="">{t('card.verified')}</span>}
          {identity.status !== 'ok' && identity.status !== '' && (
            <span data-bad="" title={identity.status_reason ?? undefined}>
              {tMaybe(`card.status.${identity.status}`, identity.status)}
            </span>
          )}
        </span>
      </div>
      <button
        type="button"
        className={css.tool}
        onClick={copy}
        aria-label={t('card.copy', { value: shown })}
        title={t('common.copy')}
      >
        <IconCopy size={16} stroke={1.6} aria-hidden />
      </button>
      {mayChange && (
        <Menu position="bottom-end" shadow="md" width={220}>
          <Menu.Target>
            <button
              type="button"
              className={css.tool}
              aria-label={t('card.identity_more', { value: shown })}
            >
              <IconDots size={16} aria-hidden />
            </button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item
              leftSection={
                identity.is_primary ? (
                  <IconStarFilled size={18} />
                ) : (
                  <IconStar size={18} stroke={1.6} />
                )
              }
              disabled={identity.is_primary}
              onClick={() => void change({ is_primary: true })}
            >
              {t('card.make_primary')}
            </Menu.Item>
            <Menu.Item
              leftSection={<IconTag size={18} stroke={1.6} />}
              onClick={() => setLabelling(true)}
            >
              {t('card.set_label')}
            </Menu.Item>
            <Menu.Item
              leftSection={<IconUsersGroup size={18} stroke={1.6} />}
              onClick={() => void change({ shared: !identity.shared })}
            >
              {t(identity.shared ? 'card.not_shared' : 'card.make_shared')}
            </Menu.Item>
            <Menu.Divider />
            <Menu.Item
              leftSection={<IconUnlink size={18} stroke={1.6} />}
              color="red"
              onClick={detach}
            >
              {t('card.detach')}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
    </li>
  );
}
