import {
  IconAddressBook,
  IconArrowForwardUp,
  IconMapPin,
  IconPhone,
  IconPuzzle,
  IconUserPlus,
} from '@tabler/icons-react';
import { useState } from 'react';
import { api } from '@/api/http';
import type { ConversationItem, InnerPart, RichPart } from '@/api/types';
import { useCard, useMay } from '@/entities/live';
import { RichText } from '@/entities/message/RichText';
import { shortDateTime } from '@/lib/format';
import { useT } from '@/ui/i18n';
import { toastDone, toastError } from '@/ui/toast';
import css from './parts.module.css';

interface RichPartsProps {
  parts: readonly RichPart[];
  conversation: ConversationItem;
}

/** Places, contacts, forwarded messages, and what this version does not know. */
export function RichParts({ parts, conversation }: RichPartsProps) {
  return parts.map((part, at) => <One key={at} part={part} conversation={conversation} />);
}

function One({ part, conversation }: { part: RichPart; conversation: ConversationItem }) {
  switch (part.type) {
    case 'location':
      return <Place part={part} />;
    case 'contact':
      return <Contact part={part} conversation={conversation} />;
    case 'forwarded':
      return <Forwarded part={part} conversation={conversation} />;
    case 'unsupported':
      return <Unsupported part={part} />;
    case 'buttons':
      return <Buttons part={part} />;
    default:
      return null; // a kind a newer hub knows; its text is in the message
  }
}

type Of<T extends RichPart['type']> = Extract<RichPart, { type: T }>;

function Place({ part }: { part: Of<'location'> }) {
  const t = useT();
  const { lat, lon, title, live } = part;
  const href = `https://www.openstreetmap.org/?mlat=${lat}&mlon=${lon}#map=17/${lat}/${lon}`;
  return (
    <section className={css.part}>
      <IconMapPin size={22} stroke={1.5} aria-hidden />
      <div className={css.words}>
        <p className={css.title}>{title || t(live ? 'chat.live_location' : 'chat.location')}</p>
        <p className={css.meta}>
          {lat.toFixed(5)}, {lon.toFixed(5)}
        </p>
        <a href={href} target="_blank" rel="noreferrer noopener">
          {t('chat.open_map')}
        </a>
      </div>
    </section>
  );
}

function Contact({ part, conversation }: { part: Of<'contact'>; conversation: ConversationItem }) {
  const t = useT();
  return (
    <section className={css.part}>
      <IconAddressBook size={22} stroke={1.5} aria-hidden />
      <div className={css.words}>
        <p className={css.title}>{part.name || t('chat.contact')}</p>
        {part.is_sender && <p className={css.good}>{t('chat.own_contact')}</p>}
        {part.phones.map((phone) => (
          <Phone key={phone} phone={phone} conversation={conversation} own={part.is_sender} />
        ))}
      </div>
    </section>
  );
}

interface PhoneProps {
  phone: string;
  conversation: ConversationItem;
  /** The sender shared their own number: the hub has put it on the card already. */
  own?: boolean | undefined;
}

/** A number to call, and to keep on the client's card when it is not there yet. */
function Phone({ phone, conversation, own = false }: PhoneProps) {
  const t = useT();
  const card = useCard(conversation.card.id);
  const mayChange = useMay('card.update');
  const [saved, setSaved] = useState(false);
  const digits = phone.replace(/[^\d+]/g, '');
  const known = card?.identities.some(({ kind, value }) => kind === 'phone' && value === digits);
  const save = () => {
    const body = { kind: 'phone', value: digits, label: '' };
    api.post(`/api/cards/${conversation.card.id}/identities`, body).then(
      () => {
        setSaved(true);
        toastDone(t('chat.saved_to_card', { value: phone }));
      },
      (error: unknown) => toastError(t('card.change_failed'), error),
    );
  };
  return (
    <p className={css.phone}>
      <a href={`tel:${digits}`} aria-label={t('chat.call', { phone })}>
        <IconPhone size={14} stroke={1.7} aria-hidden />
        {phone}
      </a>
      {mayChange && !own && !known && !saved && (
        <button type="button" className={css.small} onClick={save}>
          <IconUserPlus size={14} stroke={1.7} aria-hidden />
          {t('chat.save_to_card')}
        </button>
      )}
    </p>
  );
}

function Forwarded({
  part,
  conversation,
}: {
  part: Of<'forwarded'>;
  conversation: ConversationItem;
}) {
  const t = useT();
  return (
    <section className={css.forwarded}>
      <p className={css.meta}>
        <IconArrowForwardUp size={14} stroke={1.7} aria-hidden />
        {t('chat.forwarded', { origin: part.origin || t('chat.somebody') })}
        {part.at && <time dateTime={part.at}> · {shortDateTime(part.at)}</time>}
      </p>
      {part.parts.map((inner, at) => (
        <Inner key={at} part={inner} conversation={conversation} />
      ))}
    </section>
  );
}

function Inner({ part, conversation }: { part: InnerPart; conversation: ConversationItem }) {
  if (part.type === 'text') {
    return (
      <div className={css.text} dir="auto">
        <RichText text={part.text} spans={part.spans} />
      </div>
    );
  }
  return <One part={part} conversation={conversation} />;
}

function Unsupported({ part }: { part: Of<'unsupported'> }) {
  const t = useT();
  return (
    <section className={css.part}>
      <IconPuzzle size={22} stroke={1.5} aria-hidden />
      <div className={css.words}>
        <p className={css.title}>{part.fallback || part.type_name}</p>
        <p className={css.meta}>{t('chat.unsupported', { kind: part.type_name })}</p>
      </div>
    </section>
  );
}

/** Buttons the client got under a message; here they only say what was offered. */
function Buttons({ part }: { part: Of<'buttons'> }) {
  const t = useT();
  return (
    <div className={css.buttons} role="group" aria-label={t('chat.buttons')}>
      {part.rows.flat().map((button, at) => (
        <span key={button.id || at} className={css.button} title={button.url ?? undefined}>
          {button.label}
        </span>
      ))}
    </div>
  );
}
