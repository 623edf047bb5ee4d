import { Button, Select, Switch, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { useHub, useMe } from '@/entities/live';
import { LOCALES, LOCALE_NAMES } from '@/lib/i18n';
import { useT } from '@/ui/i18n';
import { Notice } from '@/ui/Notice';
import { Section } from '@/ui/Page';
import { chooseLocale } from '@/ui/locale';
import { ThemeChoice } from '@/ui/Preferences';
import { problemText } from '@/ui/problem';
import { toastDone } from '@/ui/toast';
import css from './profile.module.css';

export function About() {
  const t = useT();
  const hub = useHub();
  const me = useMe();
  const form = useForm({
    initialValues: {
      name: me.name,
      locale: me.locale,
      timezone: me.timezone,
      signature: me.signature,
      hotkeys: me.preferences.hotkeys !== false,
    },
    validate: { name: (name) => (name.trim() ? null : t('auth.name_missing')) },
  });
  const save = useMutation({
    mutationFn: ({ hotkeys, ...profile }: typeof form.values) =>
      hub.changeMe({ ...profile, preferences: { hotkeys } }),
    onSuccess: (saved) => {
      form.resetDirty();
      const language = LOCALES.find((name) => name === saved.locale);
      if (language) void chooseLocale(language);
      toastDone(t('common.saved'));
    },
  });
  return (
    <Section title={t('profile.about')}>
      <form className={css.form} onSubmit={form.onSubmit((values) => save.mutate(values))}>
        {save.isError && <Notice tone="bad">{problemText(save.error)}</Notice>}
        <TextInput label={t('auth.name')} autoComplete="name" {...form.getInputProps('name')} />
        <Select
          label={t('common.language')}
          data={LOCALES.map((value) => ({ value, label: LOCALE_NAMES[value] }))}
          allowDeselect={false}
          {...form.getInputProps('locale')}
        />
        <Select
          label={t('profile.timezone')}
          placeholder={t('profile.timezone_branch')}
          data={Intl.supportedValuesOf('timeZone')}
          searchable
          clearable
          clearButtonProps={{ 'aria-label': t('common.clear') }}
          limit={60}
          {...form.getInputProps('timezone')}
        />
        <Textarea
          label={t('profile.signature')}
          description={t('profile.signature_hint')}
          autosize
          minRows={3}
          maxRows={10}
          {...form.getInputProps('signature')}
        />
        <div>
          <div className={css.label}>{t('common.theme')}</div>
          <ThemeChoice />
        </div>
        <Switch
          label={t('profile.hotkeys')}
          description={t('profile.hotkeys_hint')}
          {...form.getInputProps('hotkeys', { type: 'checkbox' })}
        />
        <div>
          <Button type="submit" loading={save.isPending} disabled={!form.isDirty()}>
            {t('common.save')}
          </Button>
        </div>
      </form>
    </Section>
  );
}
