import { Alert, Button, Select, Textarea, TextInput } from '@mantine/core';
import { IconPaperclip, IconSend } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useRef, useState, type FormEvent } from 'react';
import { api } from '@/api/http';
import type {
  Account,
  Caps,
  Card,
  ChannelOption,
  Conversation,
  Id,
  Message,
  Recipient,
  Upload,
} from '@/api/types';
import { useAccounts, useMe } from '@/entities/live';
import { signed } from '@/entities/message/signature';
import { tMaybe } from '@/lib/i18n';
import { useHotkeys } from '@/ui/hotkeys';
import { useT } from '@/ui/i18n';
import { problemText } from '@/ui/problem';
import { AddressField } from './AddressField';
import { ChannelPicker } from './ChannelPicker';
import { Files } from './Files';
import { misfits } from './fits';
import { Meter } from './Meter';
import { Obstacle } from './Obstacle';
import { optionKey } from './useChannels';
import { useUploads } from './useUploads';
import css from './composer.module.css';

export interface NewConversationProps {
  /** Whom to write to; nobody yet when the agent begins with an address. */
  cardId?: Id | undefined;
  onDone: (conversationId: Id) => void;
  onCancel: () => void;
}

/** Kinds of channels where we may write to an address nobody has written from. */
const FIRST: readonly string[] = ['email', 'sms'];

/** Writes to somebody first: through which channel, to whom, about what. */
export function NewConversation({ cardId, onDone, onCancel }: NewConversationProps) {
  const t = useT();
  const me = useMe();
  const accounts = useAccounts().filter(
    ({ kind, is_enabled }) => FIRST.includes(kind) && is_enabled,
  );
  const [token] = useState(() => crypto.randomUUID());
  const [accountId, setAccount] = useState<string | null>(accounts[0]?.id ?? null);
  const [lines, setLines] = useState<readonly Recipient[]>([]);
  const [phone, setPhone] = useState('');
  const [subject, setSubject] = useState('');
  const [text, setText] = useState('');
  const [files, setFiles] = useState<readonly Upload[]>([]);
  const picker = useRef<HTMLInputElement>(null);
  const uploads = useUploads((file) => setFiles((all) => [...all, file]));
  const ofCard = useCardChannels(cardId);
  const via = ofCard.chosen;
  const account = accounts.find(({ id }) => id === accountId);
  const option = via ?? (cardId || !account ? undefined : strangerOn(account));
  const caps = option?.caps;
  const isMail = option?.channel === 'email';
  const [first, ...others] = lines.toSorted(
    (a, b) => Number(b.role === 'to') - Number(a.role === 'to'),
  );
  const to = via
    ? { kind: via.kind, value: via.address, display: via.display || null }
    : isMail
      ? first && { kind: first.kind, value: first.value, display: first.display ?? null }
      : { kind: 'phone', value: phone.trim(), display: null };
  const problems = option && caps ? misfits(caps, text, files) : [];
  const begin = useMutation({
    mutationFn: () =>
      api.post<{ conversation: Conversation; message: Message }>(
        '/api/conversations',
        {
          account_id: option?.account_id,
          to,
          ...(cardId ? { card_id: cardId } : {}),
          subject: caps?.subject === false ? '' : subject,
          text: isMail ? signed(text, me.signature) : text,
          recipients: via ? lines : isMail ? others : [],
          attachments: files,
        },
        { idempotencyKey: token },
      ),
    onSuccess: ({ conversation }) => onDone(conversation.id),
  });
  const ready =
    option?.possible === true &&
    to !== undefined &&
    to.value !== '' &&
    (text.trim() !== '' || files.length > 0) &&
    problems.length === 0 &&
    !uploads.busy &&
    !begin.isPending;
  const send = () => {
    if (ready) begin.mutate();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send();
  };
  useHotkeys('keys.composer', [
    { keys: 'mod+enter', label: 'keys.send', run: send, whileTyping: true },
  ]);
  const of = (role: Recipient['role']) => lines.filter((line) => line.role === role);
  const put = (role: Recipient['role']) => (changed: Recipient[]) =>
    setLines((all) => [...all.filter((line) => line.role !== role), ...changed]);
  const title = ofCard.card
    ? t('new.to_card', { name: ofCard.card.display_name })
    : t('composer.new');
  return (
    <form className={css.begin} aria-label={title} onSubmit={submit}>
      <h1>{title}</h1>
      {cardId === undefined && (
        <Select
          label={t('composer.account')}
          data={accounts.map(({ id, name, address, kind }) => ({
            value: id,
            label: `${tMaybe(`channel.${kind}`, kind)}: ${name} <${address}>`,
          }))}
          value={accountId}
          onChange={setAccount}
          allowDeselect={false}
        />
      )}
      {via && (
        <div>
          <ChannelPicker options={ofCard.options} chosen={via} onChoose={ofCard.choose} />
          <Obstacle
            option={via}
            instead={ofCard.options.find(({ possible }) => possible)}
            onChoose={ofCard.choose}
          />
        </div>
      )}
      {cardId && ofCard.isReady && !via && <Alert color="yellow">{t('new.no_channel')}</Alert>}
      {!via && isMail && (
        <AddressField
          label={t('composer.role.to')}
          into="to"
          lines={of('to')}
          onChange={put('to')}
          focused
        />
      )}
      {!via && option && !isMail && (
        <TextInput
          label={t('new.phone')}
          description={t('new.phone_hint')}
          type="tel"
          inputMode="tel"
          value={phone}
          onChange={(event) => setPhone(event.currentTarget.value)}
        />
      )}
      {isMail && caps?.copies !== false && (
        <AddressField
          label={t('composer.role.cc')}
          into="cc"
          lines={of('cc')}
          onChange={put('cc')}
        />
      )}
      {option && caps?.subject !== false && isMail && (
        <TextInput
          label={t('composer.subject')}
          value={subject}
          maxLength={300}
          onChange={(event) => setSubject(event.currentTarget.value)}
        />
      )}
      <Textarea
        label={t('composer.message')}
        autosize
        minRows={7}
        maxRows={18}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      {option && caps && text !== '' && (
        <Meter
          option={option}
          text={text}
          spans={NO_SPANS}
          files={files}
          problems={problems}
          onPlain={setText}
        />
      )}
      <Files
        files={files}
        uploads={uploads}
        onRemove={(blob) => setFiles((all) => all.filter((file) => file.blob !== blob))}
      />
      {begin.error && (
        <Alert color="red" title={t('composer.begin_failed')}>
          {problemText(begin.error)}
        </Alert>
      )}
      <div className={css.foot}>
        <button
          type="button"
          className={css.tool}
          aria-label={t('composer.attach')}
          onClick={() => picker.current?.click()}
        >
          <IconPaperclip size={18} stroke={1.6} aria-hidden />
        </button>
        <input
          ref={picker}
          type="file"
          multiple
          hidden
          onChange={(event) => {
            uploads.add([...(event.currentTarget.files ?? [])]);
            event.currentTarget.value = '';
          }}
        />
        <span className={css.grow} />
        <Button variant="default" onClick={onCancel}>
          {t('common.cancel')}
        </Button>
        <Button
          type="submit"
          disabled={!ready}
          loading={begin.isPending}
          leftSection={<IconSend size={16} />}
        >
          {t('composer.send')}
        </Button>
      </div>
    </form>
  );
}

const NO_SPANS: readonly never[] = [];
const NO_OPTIONS: readonly ChannelOption[] = [];

/** The channels a client can be written to first, with the one that is used. */
function useCardChannels(cardId: Id | undefined) {
  const [wanted, setWanted] = useState('');
  const { data: card } = useQuery({
    queryKey: ['card', cardId],
    queryFn: () => api.get<Card>(`/api/cards/${cardId}`),
    enabled: cardId !== undefined,
  });
  const { data, isSuccess } = useQuery({
    queryKey: ['channels', 'card', cardId],
    queryFn: () => api.get<ChannelOption[]>(`/api/cards/${cardId}/channels`),
    enabled: cardId !== undefined,
  });
  const options = data ?? NO_OPTIONS;
  const chosen =
    options.find((option) => optionKey(option) === wanted) ??
    options.find(({ is_default, possible }) => is_default && possible) ??
    options.find(({ possible }) => possible) ??
    options[0];
  return {
    card,
    options,
    chosen,
    isReady: isSuccess,
    choose: (option: ChannelOption) => setWanted(optionKey(option)),
  };
}

/** Writing to an address we know nothing of, through an account. */
function strangerOn(account: Account): ChannelOption {
  return {
    account_id: account.id,
    account_name: account.name,
    provider: account.provider,
    channel: account.kind,
    identity_id: '',
    kind: '',
    address: '',
    display: '',
    verified: false,
    thread_id: null,
    is_default: true,
    possible: true,
    reason: '',
    until: null,
    elsewhere_id: null,
    caps: account.capabilities as unknown as Caps,
  };
}
