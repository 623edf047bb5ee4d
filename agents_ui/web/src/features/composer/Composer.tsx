import { IconLock, IconMessageReply } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import type { DraftKind, Id } from '@/api/types';
import { useConversation, useHub, useMay, useMe, usePending, useTimeline } from '@/entities/live';
import { unsigned } from '@/entities/message/signature';
import { useMessages } from '@/entities/message/useMessages';
import { useHotkeys } from '@/ui/hotkeys';
import { useT } from '@/ui/i18n';
import { RefusedAnswer } from './RefusedAnswer';
import { refusedBy } from './guard';
import { Writing } from './Writing';
import css from './composer.module.css';

export interface ComposerProps {
  conversationId: Id;
}

/** Where an answer or a note is written. Notes look different in every theme, so none goes out by mistake. */
export function Composer({ conversationId }: ComposerProps) {
  const t = useT();
  const hub = useHub();
  const { signature } = useMe();
  const conversation = useConversation(conversationId);
  const timeline = useTimeline(conversationId);
  const messages = useMessages(timeline?.items ?? NO_ITEMS);
  const refused = refusedBy(usePending(conversationId));
  const mayReply = useMay('conversation.reply');
  const mayNote = useMay('conversation.note');
  const [wanted, setWanted] = useState<DraftKind>('reply');
  const [focus, setFocus] = useState(0);
  const [opened, setOpened] = useState(conversationId);
  if (opened !== conversationId) {
    setOpened(conversationId);
    setWanted('reply');
    setFocus(0);
  }
  const open = (kind: DraftKind) => {
    setWanted(kind);
    setFocus((count) => count + 1);
  };
  useHotkeys('keys.conversation', [
    { keys: 'r', label: 'keys.reply', run: () => open('reply') },
    { keys: 'n', label: 'keys.note', run: () => open('note') },
  ]);
  if (!conversation || (!mayReply && !mayNote)) return null;
  const kind = mayReply ? (mayNote ? wanted : 'reply') : 'note';
  if (refused) {
    return (
      <RefusedAnswer
        refused={{ ...refused, text: unsigned(refused.text, signature) }}
        onSend={() => hub.resend(refused.token, { base_seq: refused.seq })}
        onEdit={() => {
          const pending = hub.discard(refused.token);
          if (!pending) return;
          const { text, recipients = [], attachments, subject = '' } = pending.body;
          const body = { text: unsigned(text, signature), recipients, attachments, subject };
          hub.saveDraft(conversationId, 'reply', body, refused.seq);
          open('reply');
        }}
        onDiscard={() => hub.discard(refused.token)}
      />
    );
  }
  return (
    <section className={css.composer} data-kind={kind} aria-label={t(`composer.${kind}`)}>
      <div className={css.tabs} role="tablist" aria-label={t('composer.kinds')}>
        {mayReply && (
          <Tab kind="reply" current={kind} onOpen={open}>
            <IconMessageReply size={16} stroke={1.7} aria-hidden />
            {t('composer.reply')}
          </Tab>
        )}
        {mayNote && (
          <Tab kind="note" current={kind} onOpen={open}>
            <IconLock size={16} stroke={1.7} aria-hidden />
            {t('composer.note')}
          </Tab>
        )}
      </div>
      <Writing
        key={`${conversationId} ${kind}`}
        conversation={conversation}
        kind={kind}
        messages={messages}
        lastSeq={timeline?.last_seq ?? conversation.last_seq}
        focus={focus}
      />
    </section>
  );
}

const NO_ITEMS: readonly never[] = [];

interface TabProps {
  kind: DraftKind;
  current: DraftKind;
  onOpen: (kind: DraftKind) => void;
  children: ReactNode;
}

function Tab({ kind, current, onOpen, children }: TabProps) {
  return (
    <button
      type="button"
      role="tab"
      id={`tab-${kind}`}
      aria-selected={kind === current}
      aria-controls="composer-panel"
      tabIndex={kind === current ? 0 : -1}
      className={css.tab}
      data-kind={kind}
      onClick={() => onOpen(kind)}
      onKeyDown={(event) => {
        if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
        event.preventDefault();
        onOpen(kind === 'reply' ? 'note' : 'reply');
      }}
    >
      {children}
    </button>
  );
}
