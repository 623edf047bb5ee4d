/** Forms the company asks for: before the chat, outside hours, and to order a call. */

import { useEffect, useRef, useState } from 'preact/hooks';
import type { Chat } from './chat.ts';
import type { Field, FormSpec } from './protocol.ts';
import { moment, t, tCode } from './texts.ts';

type Kind = 'prechat' | 'contact' | 'callback';

interface Props {
  chat: Chat;
  kind: Kind;
  spec: FormSpec;
  onDone?: () => void;
  onBack?: () => void;
}

const TEXT: Field = { key: 'text', label: '', type: 'long', required: true };
const AUTOFILL: Record<string, string> = { name: 'name', email: 'email', phone: 'tel' };
const HOURS = [9, 12, 15, 18]; // of the visitor's day: windows a call may be ordered for

export function Form({ chat, kind, spec, onDone, onBack }: Props) {
  const { form, me } = chat.state;
  const [wrong, setWrong] = useState<Record<string, string>>({});
  const element = useRef<HTMLFormElement>(null);
  const [windows] = useState(callWindows);
  const hasText = spec.fields.some((field) => field.type === 'long');
  const fields = kind === 'contact' && !hasText ? [...spec.fields, TEXT] : spec.fields;

  useEffect(() => chat.endForm(), [kind]);
  useEffect(() => {
    if (form?.state === 'taken') onDone?.();
    if (form?.state === 'refused') setWrong({ [form.field]: tCode(form.code) });
  }, [form]);
  useEffect(() => {
    element.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus();
  }, [wrong]);

  const submit = (event: Event) => {
    event.preventDefault();
    const data = new FormData(element.current!);
    const values: Record<string, string> = {};
    for (const [key, value] of data) if (typeof value === 'string' && value) values[key] = value;
    const faults: Record<string, string> = {};
    for (const field of fields) {
      const fault = faultOf(field, (values[field.key] ?? '').trim());
      if (fault) faults[field.key] = fault;
    }
    if (spec.consent && !values.consent) faults.consent = t('required');
    setWrong(faults);
    if (Object.keys(faults).length) return;
    const chosen = windows[+(values.when ?? 0) - 1];
    delete values.when;
    if (chosen) Object.assign(values, { window_from: chosen.from, window_to: chosen.to });
    chat.submit(kind, values);
  };

  const hint = kind !== 'prechat' && t(`form_${kind}_hint`);
  return (
    <form class="form" ref={element} noValidate onSubmit={submit} aria-labelledby="form-title">
      <h2 id="form-title">{t(`form_${kind}`)}</h2>
      {hint && <p>{hint}</p>}
      {fields.map((field) => (
        <Input
          key={field.key}
          field={field}
          fault={wrong[field.key]}
          value={(me as Record<string, string | undefined>)[field.key] ?? ''}
        />
      ))}
      {kind === 'callback' && (
        <label>
          <span>{t('form_when')}</span>
          <select name="when">
            <option value="0">{t('form_soon')}</option>
            {windows.map((each, n) => (
              <option value={n + 1}>{each.label}</option>
            ))}
          </select>
        </label>
      )}
      {spec.consent && (
        <label class="tick">
          <input type="checkbox" name="consent" value="1" aria-invalid={!!wrong.consent} />
          <span>{spec.consent}</span>
        </label>
      )}
      {(wrong[''] ?? wrong.consent) && <p class="fault">{wrong[''] ?? wrong.consent}</p>}
      <div class="row">
        {onBack && (
          <button type="button" class="plain" onClick={onBack}>
            {t('back')}
          </button>
        )}
        <button class="main" disabled={form?.state === 'sending'}>
          {t(kind === 'prechat' ? 'form_start' : 'form_submit')}
        </button>
      </div>
    </form>
  );
}

function Input({
  field,
  fault,
  value,
}: {
  field: Field;
  fault: string | undefined;
  value: string;
}) {
  const { key, type = 'text', required, options = [] } = field;
  const id = `fault-${key}`;
  const common = {
    name: key,
    'aria-invalid': !!fault,
    'aria-required': !!required,
    ...(fault && { 'aria-describedby': id }),
  };
  return (
    <label>
      <span>
        {field.label || t('form_text')}
        {!required && <small> · {t('form_optional')}</small>}
      </span>
      {type === 'long' ? (
        <textarea {...common} rows={4} maxLength={4000} />
      ) : type === 'select' ? (
        <select {...common}>
          <option value="">{t('form_choose')}</option>
          {options.map((option) => (
            <option>{option}</option>
          ))}
        </select>
      ) : (
        <input
          {...common}
          {...({ type: type === 'phone' ? 'tel' : type } as object)}
          autocomplete={AUTOFILL[key] ?? 'off'}
          maxLength={300}
          defaultValue={value}
        />
      )}
      {fault && (
        <small class="fault" id={id}>
          {fault}
        </small>
      )}
    </label>
  );
}

function faultOf({ type, required }: Field, value: string): string | undefined {
  if (!value) return required ? t('required') : undefined;
  if (type === 'email' && !/^\S+@\S+\.\S+$/.test(value)) return t('bad_email');
  if (type === 'phone' && value.replace(/\D/g, '').length < 7) return t('bad_phone');
  return undefined;
}

/** Returns windows of three hours, from the next one on, for today and the two days after. */
function callWindows(): { from: string; to: string; label: string }[] {
  const now = new Date();
  return [0, 1, 2].flatMap((later) =>
    HOURS.slice(0, -1).flatMap((hour, n) => {
      const from = new Date(now.getFullYear(), now.getMonth(), now.getDate() + later, hour);
      const to = new Date(from);
      to.setHours(HOURS[n + 1]!);
      if (+from < +now) return [];
      const label = `${moment(+from)} – ${moment(+to).split(' ').at(-1)}`;
      return { from: from.toISOString(), to: to.toISOString(), label };
    }),
  );
}
