import { IconCalendarEvent } from '@tabler/icons-react';
import { list, shortDateTime } from '@/lib/format';
import { tMaybe } from '@/lib/i18n';
import { useT } from '@/ui/i18n';
import css from './message.module.css';

/** A calendar invitation: what, when, where and from whom. */
export function Invitation({ event }: { event: Record<string, unknown> }) {
  const t = useT();
  const text = (name: string) => (typeof event[name] === 'string' ? event[name] : '');
  const [starts, ends] = [moment(text('starts_at')), moment(text('ends_at'))];
  const method = text('method').toLowerCase();
  return (
    <section className={css.invitation} data-cancelled={method === 'cancel' || undefined}>
      <IconCalendarEvent size={22} stroke={1.6} aria-hidden />
      <div>
        <p className={css.kind}>
          {tMaybe(`thread.calendar.${method}`, t('thread.calendar.event'))}
        </p>
        <p className={css.what}>{text('summary') || t('thread.calendar.no_title')}</p>
        <p>{[starts, ends].filter((part) => part !== '').join(' – ')}</p>
        <p className={css.faint}>{list([text('place'), text('organizer')].filter(Boolean))}</p>
      </div>
    </section>
  );
}

/** A date stays a date: an all-day event has no hour in any time zone. */
function moment(text: string): string {
  if (text === '' || Number.isNaN(Date.parse(text))) return text;
  return text.includes('T') ? shortDateTime(text) : text;
}
