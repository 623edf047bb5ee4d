import { Alert, Button, Select, Textarea, TextInput } from '@mantine/core';
import { IconPaperclip, IconSend } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useRef, useState, type FormEvent } from 'react';
import { api } from '@/api/http';
import type { Conversation, Id, Message, Recipient, Upload } from '@/api/types';
import { useAccounts, useMe } from '@/entities/live';
import { signed } from '@/entities/message/signature';
import { useHotkeys } from '@/ui/hotkeys';
import { useT } from '@/ui/i18n';
import { AddressField } from './AddressField';
import { Files } from './Files';
import { useUploads } from './useUploads';
import css from './composer.module.css';

export interface NewConversationProps {
  onDone: (conversationId: Id) => void;
  onCancel: () => void;
}

/** Writes to somebody first: through which account, to whom, about what. */
export function NewConversation({ onDone, onCancel }: NewConversationProps) {
  const t = useT();
  const me = useMe();
  const accounts = useAccounts().filter(({ kind, is_enabled }) => kind === 'email' && is_enabled);
  const [token] = useState(() => crypto.randomUUID());
  const [account, setAccount] = useState<string | null>(accounts[0]?.id ?? null);
  const [lines, setLines] = useState<readonly Recipient[]>([]);
  const [subject, setSubject] = useState('');
  const [text, setText] = useState('');
  const [files, setFiles] = useState<readonly Upload[]>([]);
  const picker = useRef<HTMLInputElement>(null);
  const uploads = useUploads((file) => setFiles((all) => [...all, file]));
  const [first, ...others] = lines.toSorted(
    (a, b) => Number(b.role === 'to') - Number(a.role === 'to'),
  );
  const begin = useMutation({
    mutationFn: () =>
      api.post<{ conversation: Conversation; message: Message }>(
        '/api/conversations',
        {
          account_id: account,
          to: first && { kind: first.kind, value: first.value, display: first.display ?? null },
          subject,
          text: signed(text, me.signature),
          recipients: others,
          attachments: files,
        },
        { idempotencyKey: token },
      ),
    onSuccess: ({ conversation }) => onDone(conversation.id),
  });
  const ready =
    account !== null &&
    first !== undefined &&
    text.trim() !== '' &&
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
  return (
    <form className={css.begin} aria-label={t('composer.new')} onSubmit={submit}>
      <h1>{t('composer.new')}</h1>
      <Select
        label={t('composer.account')}
        data={accounts.map(({ id, name, address }) => ({
          value: id,
          label: `${name} <${address}>`,
        }))}
        value={account}
        onChange={setAccount}
        allowDeselect={false}
      />
      <AddressField
        label={t('composer.role.to')}
        into="to"
        lines={of('to')}
        onChange={put('to')}
        focused
      />
      <AddressField label={t('composer.role.cc')} into="cc" lines={of('cc')} onChange={put('cc')} />
      <TextInput
        label={t('composer.subject')}
        value={subject}
        maxLength={300}
        onChange={(event) => setSubject(event.currentTarget.value)}
      />
      <Textarea
        label={t('composer.message')}
        autosize
        minRows={7}
        maxRows={18}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Files
        files={files}
        uploads={uploads}
        onRemove={(blob) => setFiles((all) => all.filter((file) => file.blob !== blob))}
      />
      {begin.error && (
        <Alert color="red" title={t('composer.begin_failed')}>
          {begin.error.message}
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
