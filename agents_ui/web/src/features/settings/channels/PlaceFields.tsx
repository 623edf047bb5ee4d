import { NumberInput, Radio, Select, Stack } from '@mantine/core';
import { useTeams } from '@/entities/live';
import { useT } from '@/ui/i18n';
import type { MailForm } from './ServerFields';

/** Who answers this mailbox, and how much of what it holds is fetched. */
export function PlaceFields({ form }: { form: MailForm }) {
  const t = useT();
  const teams = useTeams();
  return (
    <>
      <Select
        label={t('channels.team')}
        description={t('channels.team_hint')}
        placeholder={t('channels.no_team')}
        clearable
        clearButtonProps={{ 'aria-label': t('common.clear') }}
        data={teams.map(({ id, name }) => ({ value: id, label: name }))}
        {...form.getInputProps('team_id')}
      />
      <Radio.Group label={t('channels.import')} {...form.getInputProps('import_policy')}>
        <Stack gap="xs" mt="xs">
          <Radio value="new" label={t('channels.import_new')} />
          <Radio value="days" label={t('channels.import_days')} />
          <Radio value="all" label={t('channels.import_all')} />
        </Stack>
      </Radio.Group>
      {form.values.import_policy === 'days' && (
        <NumberInput
          label={t('channels.import_days_count')}
          min={1}
          max={3650}
          w={160}
          {...form.getInputProps('import_days')}
        />
      )}
      <NumberInput
        label={t('channels.reopen')}
        description={t('channels.reopen_hint')}
        min={0}
        max={3650}
        w={240}
        {...form.getInputProps('reopen_days')}
      />
    </>
  );
}
