import { IconPaperclip } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import type { ConversationItem, DraftKind, Message, Status } from '@/api/types';
import { useAgents, useCard, useHub, useLink, useMe } from '@/entities/live';
import { rememberSent } from '@/entities/message/sent';
import { signed } from '@/entities/message/signature';
import { useHotkeys } from '@/ui/hotkeys';
import { useT } from '@/ui/i18n';
import { toastDone } from '@/ui/toast';
import { Addresses } from './Addresses';
import { Ask } from './Ask';
import { Editor, type EditorHandle } from './Editor';
import { mentionedIn } from './editing';
import { Files } from './Files';
import { addedAfter, type Reason } from './guard';
import { Newer } from './Newer';
import { reasonsToAsk } from './reasons';
import { SendButton } from './SendButton';
import { SignatureLine } from './SignatureLine';
import { useAddressing } from './useAddressing';
import { useDraftText } from './useDraftText';
import { useDrop } from './useDrop';
import { useUploads } from './useUploads';
import css from './composer.module.css';

interface WritingProps {
  conversation: ConversationItem;
  kind: DraftKind;
  messages: readonly Message[];
  /** The newest entry on the screen. */
  lastSeq: number;
  /** Grows when the keyboard asks for the editor. */
  focus: number;
}

export interface SendOptions {
  status?: Status;
  at?: Date;
}

export function Writing({ conversation, kind, messages, lastSeq, focus }: WritingProps) {
  const t = useT();
  const hub = useHub();
  const me = useMe();
  const link = useLink();
  const people = useAgents().filter(({ status }) => status === 'active');
  const locale = useCard(conversation.card.id)?.locale;
  const field = useRef<EditorHandle>(null);
  const panel = useRef<HTMLDivElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const draft = useDraftText(conversation.id, kind, lastSeq);
  const { body } = draft;
  const addressing = useAddressing(messages, body.recipients);
  const [asked, setAsked] = useState<{ reasons: Reason[]; options: SendOptions } | null>(null);
  const [sign, setSign] = useState(true);
  const uploads = useUploads((file) =>
    draft.change({ attachments: [...draft.body.attachments, file] }),
  );
  const over = useDrop(panel, uploads.add);
  useEffect(() => {
    if (focus > 0) field.current?.focus();
  }, [focus]);

  const reply = kind === 'reply';
  const signature = reply && sign && addressing.channel === 'email' ? me.signature : '';
  const empty = body.text.trim() === '' && body.attachments.length === 0;
  const ready = !empty && !uploads.busy && (!reply || addressing.lines.length > 0);
  const newer = addedAfter(messages, draft.baseSeq, me.id);
  const send = (options: SendOptions, sure = false) => {
    if (!ready) return;
    const reasons = reasonsToAsk({ kind, body, fresh: addressing.fresh, people });
    if (reasons.length > 0 && !sure) {
      setAsked({ reasons, options });
      return;
    }
    setAsked(null);
    const token = hub.send(conversation.id, {
      kind,
      text: signed(body.text, signature),
      base_seq: newer.length === 0 ? Math.max(draft.baseSeq, lastSeq) : draft.baseSeq,
      attachments: body.attachments,
      mention_ids: reply ? [] : mentionedIn(body.text, people),
      ...(reply ? { recipients: addressing.lines, status_after: options.status ?? 'waiting' } : {}),
      ...(options.at ? { not_before: options.at.toISOString() } : {}),
    });
    rememberSent(token, { ...body, recipients: reply ? addressing.lines : [] });
    draft.clear();
    if (reply && link.state !== 'live') toastDone(t('composer.kept_offline'));
    field.current?.focus();
  };
  useHotkeys('keys.composer', [
    { keys: 'mod+enter', label: 'keys.send', run: () => send({}), whileTyping: true },
    {
      keys: 'mod+shift+enter',
      label: 'keys.send_close',
      run: () => send({ status: 'closed' }),
      whileTyping: true,
    },
    { keys: 'escape', run: () => field.current?.blur(), whileTyping: true },
  ]);
  return (
    <div
      ref={panel}
      id="composer-panel"
      role="tabpanel"
      aria-labelledby={`tab-${kind}`}
      className={css.panel}
      data-over={over || undefined}
      data-written={empty && !uploads.busy ? undefined : ''}
    >
      {reply && (
        <Addresses
          addressing={addressing}
          onChange={(recipients) => draft.change({ recipients })}
        />
      )}
      {reply && body.text !== '' && newer.length > 0 && (
        <Newer messages={newer} onSeen={() => draft.rebase(lastSeq)} />
      )}
      {draft.theirs && (
        <p className={css.bar} role="status">
          <span>{t('composer.other_draft')}</span>
          <button
            type="button"
            className={css.small}
            onClick={() => draft.theirs && draft.adopt(draft.theirs, draft.baseSeq)}
          >
            {t('composer.take_that')}
          </button>
        </p>
      )}
      <Editor
        handle={field}
        value={body.text}
        onChange={(text) => draft.change({ text })}
        onFiles={uploads.add}
        onBlur={draft.flush}
        label={t(reply ? 'composer.reply_text' : 'composer.note_text')}
        placeholder={t(reply ? 'composer.reply_placeholder' : 'composer.note_placeholder')}
        people={reply ? NOBODY : people}
        {...(reply && locale ? { lang: locale } : {})}
      />
      {signature !== '' && !empty && (
        <SignatureLine signature={signature} onRemove={() => setSign(false)} />
      )}
      <Files
        files={body.attachments}
        uploads={uploads}
        onRemove={(blob) =>
          draft.change({ attachments: body.attachments.filter((file) => file.blob !== blob) })
        }
      />
      {asked && (
        <Ask
          reasons={asked.reasons}
          onSend={() => send(asked.options, true)}
          onBack={() => {
            setAsked(null);
            field.current?.focus();
          }}
        />
      )}
      <div className={css.foot}>
        <button
          type="button"
          className={css.tool}
          aria-label={t('composer.attach')}
          title={t('composer.attach')}
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
        <span className={css.grow}>
          {uploads.busy ? t('composer.uploading') : over ? t('composer.drop') : ''}
        </span>
        <SendButton kind={kind} ready={ready} onSend={send} />
      </div>
    </div>
  );
}

const NOBODY: readonly never[] = [];
