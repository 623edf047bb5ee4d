import { Button, Select, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { api, Problem } from '@/api/http';
import type { Id } from '@/api/types';
import { tMaybe, type Key } from '@/lib/i18n';
import { takeFocus } from '@/ui/focus';
import { useT } from '@/ui/i18n';
import css from './card.module.css';

interface AddIdentityProps {
  cardId: Id;
  onDone: () => void;
}

const KINDS = ['email', 'phone', 'telegram_user', 'external_id'] as const;

/** A new address for the card. One that belongs to somebody else is refused with who it is. */
export function AddIdentity({ cardId, onDone }: AddIdentityProps) {
  const t = useT();
  const [kind, setKind] = useState<string>('email');
  const [value, setValue] = useState('');
  const [label, setLabel] = useState('');
  const add = useMutation({
    mutationFn: (shared: boolean) =>
      api.post(`/api/cards/${cardId}/identities`, { kind, value: value.trim(), label, shared }),
    onSuccess: onDone,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (value.trim() !== '') add.mutate(false);
  };
  const taken = add.error instanceof Problem && add.error.code === 'identity.taken';
  return (
    <form className={css.add} onSubmit={submit}>
      <div className={css.pair}>
        <Select
          aria-label={t('card.identity_kind')}
          data={KINDS.map((one) => ({ value: one, label: t(`card.kind.${one}` as Key) }))}
          value={kind}
          onChange={(next) => setKind(next ?? 'email')}
          allowDeselect={false}
          w={120}
        />
        <TextInput
          aria-label={t('card.identity_value')}
          placeholder={t('card.identity_value')}
          value={value}
          ref={takeFocus}
          onChange={(event) => setValue(event.currentTarget.value)}
          error={add.error ? problemText(add.error) : undefined}
          flex={1}
        />
      </div>
      <TextInput
        aria-label={t('card.label')}
        placeholder={t('card.label_example')}
        value={label}
        onChange={(event) => setLabel(event.currentTarget.value)}
      />
      <div className={css.pair}>
        <Button type="submit" size="compact-md" loading={add.isPending}>
          {t('card.add')}
        </Button>
        {taken && (
          <Button size="compact-md" variant="default" onClick={() => add.mutate(true)}>
            {t('card.add_shared')}
          </Button>
        )}
        <Button size="compact-md" variant="subtle" onClick={onDone}>
          {t('common.cancel')}
        </Button>
      </div>
    </form>
  );
}

function problemText(error: Error): string {
  return error instanceof Problem ? tMaybe(`problem.${error.code}`, error.message) : error.message;
}
