import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api } from '@/api/http';
import type { ChannelOption, Estimate, Span, Upload } from '@/api/types';
import { bytes, money } from '@/lib/format';
import { tMaybe } from '@/lib/i18n';
import { count, suggest } from '@/lib/sms';
import { useT } from '@/ui/i18n';
import { channelName } from './ChannelPicker';
import { messagesOf, type Misfit } from './fits';
import css from './channel.module.css';

interface MeterProps {
  option: ChannelOption;
  text: string;
  spans: readonly Span[];
  files: readonly Upload[];
  problems: readonly Misfit[];
  onPlain: (text: string) => void;
}

const PAUSE_MS = 500;

/** What becomes of the text on its way: how many messages, what it costs, what is lost. */
export function Meter({ option, text, spans, files, problems, onPlain }: MeterProps) {
  const t = useT();
  const { caps } = option;
  const estimate = useEstimate(option, text, spans, files);
  const losses = estimate?.losses ?? NO_LOSSES;
  const messages = Math.max(messagesOf(caps, text), caps.metered ? 1 : (estimate?.parts ?? 1));
  if (!caps.metered && messages < 2 && losses.length === 0 && problems.length === 0) return null;
  return (
    <div className={css.meter} role="status">
      {caps.text_unit === 'sms_segments' && <Segments text={text} onPlain={onPlain} />}
      {messages > 1 && <span>{t('send.messages', { count: messages })}</span>}
      {estimate?.cost && (
        <span>
          {t('sms.price', { price: money(estimate.cost.amount, estimate.cost.currency) })}
        </span>
      )}
      {losses.length > 0 && (
        <span data-warn="">
          {t('send.losses')}: {losses.map((code) => tMaybe(`loss.${code}`, code)).join('; ')}
        </span>
      )}
      {problems.map((misfit, at) => (
        <span key={at} data-bad="" role="alert">
          {say(misfit, channelName(option.channel))}
        </span>
      ))}
    </div>
  );

  function say(misfit: Misfit, channel: string): string {
    switch (misfit.kind) {
      case 'too_long':
        return t('send.too_long', { count: misfit.by });
      case 'too_many_parts':
        return t('send.too_many_parts', { max: misfit.max });
      case 'no_files':
        return t('send.no_files', { channel });
      case 'no_such_file':
        return t('send.no_such_file', { channel, name: misfit.name });
      case 'file_too_big':
        return t('send.file_too_big', { channel, name: misfit.name, max: bytes(misfit.max) });
    }
  }
}

const NO_LOSSES: readonly string[] = [];

interface SegmentsProps {
  text: string;
  onPlain: (text: string) => void;
}

/** Counted here at every key, as the hub counts. */
function Segments({ text, onPlain }: SegmentsProps) {
  const t = useT();
  const { parts, units, perPart, forcedBy } = count(text);
  const shorter = suggest(text);
  const left = Math.max(parts, 1) * perPart - units;
  return (
    <>
      <strong>{t('sms.parts', { count: parts })}</strong>
      <span>{t('sms.left', { count: Math.max(0, left) })}</span>
      {forcedBy !== null && <span>{t('sms.unicode', { letter: forcedBy })}</span>}
      {shorter && (
        <button type="button" className={css.plain} onClick={() => onPlain(shorter.text)}>
          {t('sms.shorter', { from: parts, to: shorter.parts })}
        </button>
      )}
    </>
  );
}

/** What the hub says of the text, a pause after the last key. */
function useEstimate(
  { account_id, identity_id, channel, caps }: ChannelOption,
  text: string,
  spans: readonly Span[],
  attachments: readonly Upload[],
): Estimate | undefined {
  const asked = JSON.stringify({
    account_id,
    identity_id: identity_id || null,
    text,
    spans,
    attachments,
    buttons: [],
  });
  const [settled, setSettled] = useState(asked);
  useEffect(() => {
    const timer = window.setTimeout(() => setSettled(asked), PAUSE_MS);
    return () => window.clearTimeout(timer);
  }, [asked]);
  const matters = caps.metered || spans.length > 0 || attachments.length > 0;
  const { data } = useQuery({
    queryKey: ['estimate', settled],
    queryFn: () => api.post<Estimate>('/api/estimate', JSON.parse(settled)),
    enabled: matters && settled === asked && channel !== 'email' && text !== '',
    staleTime: Infinity,
    gcTime: 10_000,
    retry: false,
  });
  return settled === asked ? data : undefined;
}
