/** What the app asks beside the forms: how it was, a one-time code, and whether to forget. */

import { useEffect, useState } from 'preact/hooks';
import type { Chat } from './chat.ts';
import { Icon } from './Icon.tsx';
import { t } from './texts.ts';

const STAR = 'M12 4l2.5 5 5.5.8-4 3.9.9 5.5-4.9-2.6-4.9 2.6.9-5.5-4-3.9 5.5-.8z';

export function Rating({ chat }: { chat: Chat }) {
  const [score, setScore] = useState(0);
  const [comment, setComment] = useState('');
  const [later, setLater] = useState(false);
  if (later) return null;
  return (
    <form
      class="panel"
      onSubmit={(event) => {
        event.preventDefault();
        chat.rate(score, comment.trim());
      }}
    >
      <fieldset>
        <legend>{t('csat')}</legend>
        <div class="stars">
          {[1, 2, 3, 4, 5].map((n) => (
            <label class={n <= score ? 'full' : ''}>
              <input
                type="radio"
                name="score"
                aria-label={t('csat_score', { n })}
                checked={n === score}
                onChange={() => setScore(n)}
              />
              <Icon name={STAR} />
            </label>
          ))}
        </div>
      </fieldset>
      {score > 0 && (
        <textarea
          rows={2}
          maxLength={2000}
          aria-label={t('csat_comment')}
          placeholder={t('csat_comment')}
          onInput={(event) => setComment(event.currentTarget.value)}
        />
      )}
      <div class="row">
        <button type="button" class="plain" onClick={() => setLater(true)}>
          {t('csat_later')}
        </button>
        <button class="main" disabled={!score}>
          {t('form_submit')}
        </button>
      </div>
    </form>
  );
}

interface ProveProps {
  chat: Chat;
  kind: 'email' | 'phone';
  onBack: () => void;
}

export function Prove({ chat, kind, onBack }: ProveProps) {
  const { otp, me } = chat.state;
  const [value, setValue] = useState(me[kind] ?? '');
  const [code, setCode] = useState('');
  useEffect(() => chat.endCode(), [kind]);
  const state = otp?.state;
  const asksCode = state === 'sent' || state === 'wrong';
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        if (asksCode) chat.giveCode(code);
        else chat.askCode(kind, value.trim());
      }}
    >
      <h2>{t('prove', { kind: t(kind) })}</h2>
      <p role="status">{state ? t(`prove_${state}`, { value, n: otp.left }) : t('prove_hint')}</p>
      {state !== 'proven' && (
        <label>
          <span>{asksCode ? t('prove_code') : t(kind)}</span>
          {asksCode ? (
            <input
              key="code"
              inputMode="numeric"
              autocomplete="one-time-code"
              pattern="[0-9]{6}"
              maxLength={6}
              required
              value={code}
              onInput={(event) => setCode(event.currentTarget.value)}
            />
          ) : (
            <input
              key="value"
              {...({ type: kind === 'email' ? 'email' : 'tel', autocomplete: kind } as object)}
              required
              value={value}
              onInput={(event) => setValue(event.currentTarget.value)}
            />
          )}
        </label>
      )}
      <div class="row">
        <button type="button" class="plain" onClick={onBack}>
          {t('back')}
        </button>
        {state !== 'proven' && (
          <button class="main" disabled={state === 'asked'}>
            {t(asksCode ? 'prove_check' : 'prove_send')}
          </button>
        )}
      </div>
    </form>
  );
}

export function Forget({ chat, onBack }: { chat: Chat; onBack: () => void }) {
  return (
    <div class="form" role="alertdialog" aria-labelledby="forget">
      <p id="forget">{t('forget_sure')}</p>
      <div class="row">
        <button type="button" class="plain" onClick={onBack}>
          {t('no')}
        </button>
        <button
          type="button"
          class="main"
          onClick={() => {
            chat.logout();
            onBack();
          }}
        >
          {t('yes')}
        </button>
      </div>
    </div>
  );
}
