import { useCallback, useEffect, useRef, useState } from 'react';
import type { DraftBody, DraftKind, Id } from '@/api/types';
import { useDraft, useHub } from '@/entities/live';
import type { LocalDraft } from '@/sync/types';

const SAVE_MS = 300;
const TYPING_MS = 3000;
const NEVER = -Infinity;
const EMPTY: DraftBody = { text: '', recipients: [], attachments: [], subject: '' };

interface Written {
  body: DraftBody;
  /** Newest entry the agent had seen when the writing began; the send guard compares with it. */
  baseSeq: number;
  dirty: boolean;
  from: LocalDraft | undefined;
}

export interface DraftText {
  body: DraftBody;
  baseSeq: number;
  /** What another window wrote, when it is not what is written here. */
  theirs: DraftBody | null;
  change: (part: Partial<DraftBody>) => void;
  /** The agent has seen everything up to here. */
  rebase: (seq: number) => void;
  adopt: (body: DraftBody, baseSeq: number) => void;
  /** Nothing is written any more: it was sent or thrown away. */
  clear: () => void;
  flush: () => void;
}

/**
 * The text being written. It is component state: a key press touches no store and no network.
 * After a pause it goes to this browser's drafts, and from there to the hub.
 */
export function useDraftText(id: Id, kind: DraftKind, lastSeq: number): DraftText {
  const hub = useHub();
  const draft = useDraft(id, kind);
  const [written, setWritten] = useState<Written>(() => written0(draft, lastSeq));
  if (!written.dirty && written.from !== draft) setWritten(written0(draft, lastSeq));
  const latest = useRef(written);
  useEffect(() => {
    latest.current = written;
  }, [written]);

  const timer = useRef<number | undefined>(undefined);
  const typedAt = useRef(NEVER);
  const save = useCallback(() => {
    window.clearTimeout(timer.current);
    timer.current = undefined;
    const { body, baseSeq } = latest.current;
    hub.saveDraft(id, kind, body, baseSeq);
  }, [hub, id, kind]);
  const flush = useCallback(() => {
    if (timer.current === undefined) return;
    save();
    hub.typing(id, kind, false);
    typedAt.current = NEVER;
  }, [hub, id, kind, save]);
  useEffect(() => {
    addEventListener('pagehide', flush);
    document.addEventListener('visibilitychange', flush);
    return () => {
      removeEventListener('pagehide', flush);
      document.removeEventListener('visibilitychange', flush);
      flush();
    };
  }, [flush]);

  const soon = () => {
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(save, SAVE_MS);
    if (performance.now() - typedAt.current < TYPING_MS) return;
    typedAt.current = performance.now();
    hub.typing(id, kind, true);
  };
  const change = (part: Partial<DraftBody>) => {
    setWritten((before) => ({
      ...before,
      body: { ...before.body, ...part },
      baseSeq: before.dirty || before.body.text !== '' ? before.baseSeq : lastSeq,
      dirty: true,
    }));
    soon();
  };
  const clear = () => {
    window.clearTimeout(timer.current);
    timer.current = undefined;
    hub.dropDraft(id, kind);
    hub.typing(id, kind, false);
    typedAt.current = NEVER;
    setWritten({ body: EMPTY, baseSeq: lastSeq, dirty: false, from: draft });
  };
  const adopt = (body: DraftBody, baseSeq: number) => {
    setWritten({ body, baseSeq, dirty: true, from: draft });
    soon();
  };
  const other = draft?.state === 'conflict' ? draft.theirs : undefined;
  const theirs = other && other.text !== written.body.text ? other : null;
  return {
    body: written.body,
    baseSeq: written.baseSeq,
    theirs,
    change,
    rebase: (seq) => setWritten((before) => ({ ...before, baseSeq: seq })),
    adopt,
    clear,
    flush,
  };
}

function written0(draft: LocalDraft | undefined, lastSeq: number): Written {
  const kept = draft !== undefined && draft.body.text !== '';
  return {
    body: draft ? { ...EMPTY, ...draft.body } : EMPTY,
    baseSeq: kept ? draft.base_seq : lastSeq,
    dirty: false,
    from: draft,
  };
}
