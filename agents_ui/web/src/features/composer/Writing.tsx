import { IconPaperclip } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import type { ChannelOption, ConversationItem, DraftKind, Message, Status } from '@/api/types';
import { useAgents, useCard, useHub, useLink, useMe } from '@/entities/live';
import { setFocus, useFocus } from '@/entities/message/focus';
import { readMarkup } from '@/entities/message/markup';
import { RichText } from '@/entities/message/RichText';
import { rememberSent } from '@/entities/message/sent';
import { signed } from '@/entities/message/signature';
import { useHotkeys } from '@/ui/hotkeys';
import { useT } from '@/ui/i18n';
import { toastDone, toastUndo } from '@/ui/toast';
import { Addresses } from './Addresses';
import { Answering } from './Answering';
import { Ask } from './Ask';
import { ChannelPicker } from './ChannelPicker';
import { Editor, type EditorHandle } from './Editor';
import { mentionedIn } from './editing';
import { Files } from './Files';
import { misfits } from './fits';
import { FormatBar } from './FormatBar';
import { addedAfter, type Reason } from './guard';
import { Meter } from './Meter';
import { Newer } from './Newer';
import { Obstacle } from './Obstacle';
import { reasonsToAsk } from './reasons';
import { SendButton } from './SendButton';
import { SignatureLine } from './SignatureLine';
import { useAddressing } from './useAddressing';
import { useChannels } from './useChannels';
import { useDraftText } from './useDraftText';
import { useDrop } from './useDrop';
import { useUploads } from './useUploads';
import channelCss from './channel.module.css';
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
  const reply = kind === 'reply';
  const channels = useChannels(conversation, reply);
  const via = reply ? channels.chosen : undefined;
  const isMail = via ? via.channel === 'email' : isMailing(messages);
  const copies = via ? via.caps.copies : isMail;
  const addressing = useAddressing(
    messages,
    body.recipients,
    isMail ? (via?.address ?? null) : null,
  );
  const { replyTo } = useFocus(conversation.id);
  const answered = messages.find(({ id }) => id === replyTo && reply);
  const formatted = readMarkup(body.text, via?.caps.formatting ?? {});
  const [asked, setAsked] = useState<{ reasons: Reason[]; options: SendOptions } | null>(null);
  const [sign, setSign] = useState(true);
  const uploads = useUploads((file) =>
    draft.change({ attachments: [...draft.body.attachments, file] }),
  );
  const over = useDrop(panel, uploads.add);
  useEffect(() => {
    if (focus > 0) field.current?.focus();
  }, [focus]);

  const signature = reply && sign && isMail ? me.signature : '';
  const problems = via ? misfits(via.caps, formatted.text, body.attachments) : [];
  const impossible = via !== undefined && !via.possible;
  const empty = body.text.trim() === '' && body.attachments.length === 0;
  const addressed = !reply || !copies || addressing.lines.length > 0;
  const ready = !empty && !uploads.busy && addressed && !impossible && problems.length === 0;
  const newer = addedAfter(messages, draft.baseSeq, me.id);
  const send = (options: SendOptions, sure = false) => {
    if (!ready) return;
    const reasons = reasonsToAsk({
      kind,
      body,
      fresh: copies ? addressing.fresh : NOBODY_NEW,
      people,
    });
    if (reasons.length > 0 && !sure) {
      setAsked({ reasons, options });
      return;
    }
    setAsked(null);
    const token = hub.send(conversation.id, {
      kind,
      text: signed(formatted.text, signature),
      ...(formatted.spans.length > 0 ? { spans: formatted.spans } : {}),
      base_seq: newer.length === 0 ? Math.max(draft.baseSeq, lastSeq) : draft.baseSeq,
      attachments: body.attachments,
      mention_ids: reply ? [] : mentionedIn(body.text, people),
      ...(reply ? { status_after: options.status ?? 'waiting' } : {}),
      ...(reply && copies ? { recipients: addressing.lines } : {}),
      ...(via ? through(via) : {}),
      ...(answered ? { reply_to: answered.id } : {}),
      ...(options.at ? { not_before: options.at.toISOString() } : {}),
    });
    rememberSent(token, { ...body, recipients: reply ? addressing.lines : [] });
    draft.clear();
    if (answered) setFocus(conversation.id, { replyTo: null });
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
    {
      keys: 'escape',
      run: () => (answered ? setFocus(conversation.id, { replyTo: null }) : field.current?.blur()),
      whileTyping: true,
    },
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
          copies={copies}
          picker={
            via && (
              <ChannelPicker options={channels.options} chosen={via} onChoose={channels.choose} />
            )
          }
          onChange={(recipients) => draft.change({ recipients })}
        />
      )}
      {via && (
        <Obstacle
          conversationId={conversation.id}
          option={via}
          instead={channels.options.find(({ possible }) => possible)}
          onChoose={channels.choose}
        />
      )}
      {answered && <Answering message={answered} />}
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
      {formatted.spans.length > 0 && (
        <div className={channelCss.preview} dir="auto">
          <small>{t('format.preview')}</small>
          <RichText text={formatted.text} spans={formatted.spans} />
        </div>
      )}
      {via && !empty && (
        <Meter
          option={via}
          text={formatted.text}
          spans={formatted.spans}
          files={body.attachments}
          problems={problems}
          onPlain={(text) => {
            const before = body.text;
            field.current?.replace(text);
            toastUndo(t('sms.shorter_done'), () => field.current?.replace(before));
          }}
        />
      )}
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
        {via && (
          <FormatBar
            formatting={via.caps.formatting}
            onFormat={(format) => field.current?.format(format)}
          />
        )}
        <span className={css.grow}>
          {uploads.busy ? t('composer.uploading') : over ? t('composer.drop') : ''}
        </span>
        <SendButton kind={kind} ready={ready} onSend={send} />
      </div>
    </div>
  );
}

const NOBODY: readonly never[] = [];
const NOBODY_NEW: ReadonlySet<string> = new Set();

/** Before the hub has said which channels there are: the last message tells. */
function isMailing(messages: readonly Message[]): boolean {
  const last = messages.findLast(({ channel, visibility }) => channel && visibility === 'public');
  return last === undefined || last.channel === 'email';
}

/** The thread an answer goes through, or the channel a new one is opened on. */
function through({ thread_id, account_id, identity_id }: ChannelOption) {
  return thread_id === null ? { via: { account_id, identity_id } } : { thread_id };
}
