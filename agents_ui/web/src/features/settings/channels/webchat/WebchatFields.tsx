import { Checkbox, ColorInput, SegmentedControl, Textarea, TextInput } from '@mantine/core';
import { useState, type CSSProperties } from 'react';
import { useT } from '@/ui/i18n';
import { useLocale } from '@/ui/locale';
import { Notice } from '@/ui/Notice';
import { DAYS, inkOn, isColor, originsOf, type Day, type Hours } from './look';
import css from './webchat.module.css';

/** The settings that have a control of their own here; all others are made of the schema. */
export const OWN_FIELDS: ReadonlySet<string> = new Set([
  'color',
  'launcher',
  'origins',
  'greeting',
  'hours',
]);
const READABLE = 4.5;

interface WebchatFieldsProps {
  value: Record<string, unknown>;
  onChange: (name: string, value: unknown) => void;
  errors: Record<string, string>;
}

/** Where the chat stands, how it looks, what it says first and when somebody is there. */
export function WebchatFields({ value, onChange, errors }: WebchatFieldsProps) {
  const t = useT();
  const language = useLocale();
  const color = typeof value.color === 'string' ? value.color : '#2563eb';
  const side = value.launcher === 'left' ? 'left' : 'right';
  const greeting = (value.greeting ?? {}) as Record<string, string>;
  const said = greeting[language] ?? '';
  const origins = Array.isArray(value.origins) ? (value.origins as string[]) : [];
  const [written, setWritten] = useState(origins.join('\n'));
  const { ink, ratio } = inkOn(isColor(color) ? color : '#2563eb');
  return (
    <>
      <Textarea
        label={t('webchat.origins')}
        description={t('webchat.origins_hint')}
        placeholder="https://shop.example"
        autosize
        minRows={2}
        value={written}
        error={errors.origins ?? null}
        onChange={(event) => {
          setWritten(event.currentTarget.value);
          onChange('origins', originsOf(event.currentTarget.value));
        }}
      />
      <div className={css.look}>
        <div className={css.controls}>
          <ColorInput
            label={t('webchat.color')}
            format="hex"
            value={color}
            error={errors.color ?? null}
            onChange={(next) => onChange('color', next)}
          />
          {ratio < READABLE && <Notice tone="warn">{t('webchat.contrast')}</Notice>}
          <SegmentedControl
            aria-label={t('webchat.side')}
            value={side}
            data={[
              { value: 'left', label: t('webchat.left') },
              { value: 'right', label: t('webchat.right') },
            ]}
            onChange={(next) => onChange('launcher', next)}
          />
          <TextInput
            label={t('webchat.greeting')}
            description={t('webchat.greeting_hint')}
            maxLength={2000}
            value={said}
            error={errors.greeting ?? null}
            onChange={(event) => {
              const all = { ...greeting, [language]: event.currentTarget.value };
              onChange('greeting', all);
            }}
          />
        </div>
        <div
          className={css.preview}
          aria-hidden
          data-side={side}
          style={{ '--widget': color, '--widget-ink': ink } as CSSProperties}
        >
          <b>{t('webchat.preview')}</b>
          <p>{said || t('webchat.preview_hello')}</p>
          <i />
        </div>
      </div>
      <HoursEditor
        hours={value.hours as Partial<Hours> | undefined}
        error={errors.hours}
        onChange={(hours) => onChange('hours', hours)}
      />
    </>
  );
}

interface HoursProps {
  hours: Partial<Hours> | undefined;
  error: string | undefined;
  onChange: (hours: Hours) => void;
}

function HoursEditor({ hours, error, onChange }: HoursProps) {
  const t = useT();
  const now: Hours = {
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    always: true,
    week: {},
    holidays: [],
    ...hours,
  };
  const change = (day: Day, spans: [string, string][]) =>
    onChange({ ...now, week: { ...now.week, [day]: spans } });
  return (
    <fieldset className={css.hours}>
      <legend>{t('webchat.hours')}</legend>
      <Checkbox
        label={t('webchat.always')}
        checked={now.always}
        onChange={(event) => {
          const always = event.currentTarget.checked;
          const workdays = Object.fromEntries(
            DAYS.slice(0, 5).map((day) => [day, [['09:00', '18:00']]]),
          ) as Hours['week'];
          const isEmpty = Object.keys(now.week).length === 0;
          onChange({ ...now, always, week: !always && isEmpty ? workdays : now.week });
        }}
      />
      {!now.always && (
        <>
          <TextInput
            label={t('webchat.zone')}
            value={now.zone}
            w={280}
            onChange={(event) => onChange({ ...now, zone: event.currentTarget.value })}
          />
          {DAYS.map((day) => {
            const span = now.week[day]?.[0];
            const name = t(`webchat.day_${day}`);
            return (
              <div key={day} className={css.day}>
                <Checkbox
                  label={name}
                  checked={span !== undefined}
                  onChange={(event) =>
                    change(day, event.currentTarget.checked ? [['09:00', '18:00']] : [])
                  }
                />
                {span && (
                  <>
                    <TextInput
                      type="time"
                      aria-label={t('webchat.opens', { day: name })}
                      value={span[0]}
                      onChange={(event) => change(day, [[event.currentTarget.value, span[1]]])}
                    />
                    <TextInput
                      type="time"
                      aria-label={t('webchat.closes', { day: name })}
                      value={span[1]}
                      onChange={(event) => change(day, [[span[0], event.currentTarget.value]])}
                    />
                  </>
                )}
              </div>
            );
          })}
        </>
      )}
      {error && <p className={css.wrong}>{error}</p>}
    </fieldset>
  );
}
