import { Button, Select } from '@mantine/core';
import { useState } from 'react';
import type { Change } from '@/api/types';
import { useAgent } from '@/entities/live';
import { shortDateTime } from '@/lib/format';
import { tMaybe } from '@/lib/i18n';
import { useT } from '@/ui/i18n';
import { Page, Row } from '@/ui/Page';
import { Endless } from '@/features/settings/Endless';
import css from '@/features/settings/log.module.css';
import { differences } from './diff';

const TABLES = [
  'card',
  'identity',
  'card_identity',
  'card_merge',
  'agent',
  'agent_role',
  'team',
  'team_member',
  'role_grant',
  'branch',
  'tag',
  'task',
  'claim',
  'channel_account',
  'api_key',
];

/** Who changed what, when, and through which door. */
export default function AuditPage() {
  const t = useT();
  const [table, setTable] = useState<string | null>(null);
  return (
    <Page title={t('admin.audit')} lead={t('audit.lead')}>
      <div className={css.filters}>
        <Select
          label={t('audit.table')}
          placeholder={t('journal.any')}
          clearable
          data={TABLES.map((value) => ({ value, label: tMaybe(`audit.table_${value}`, value) }))}
          value={table}
          onChange={setTable}
          clearButtonProps={{ 'aria-label': t('common.clear') }}
        />
      </div>
      <Endless<Change>
        label={t('admin.audit')}
        queryKey={['audit']}
        path="/api/audit"
        params={{ table: table ?? undefined }}
        empty={{ title: t('audit.none'), text: t('audit.none_text') }}
        row={(change) => <ChangeRow key={change.id} change={change} />}
      />
    </Page>
  );
}

function ChangeRow({ change }: { change: Change }) {
  const t = useT();
  const [open, setOpen] = useState(false);
  const actor = useAgent(change.actor_id)?.name ?? t('audit.system');
  const table = tMaybe(`audit.table_${change.table}`, change.table);
  const op = tMaybe(`audit.op_${change.op.toLowerCase()}`, change.op);
  const fields = differences(change.before, change.after);
  return (
    <Row
      title={`${actor} · ${op} · ${table}`}
      meta={`${shortDateTime(change.at)} · ${tMaybe(`audit.via_${change.via}`, change.via)} · ${change.row}`}
      end={
        fields.length > 0 && (
          <Button
            size="compact-sm"
            variant="subtle"
            aria-expanded={open}
            onClick={() => setOpen(!open)}
          >
            {t('audit.fields', { count: fields.length })}
          </Button>
        )
      }
    >
      {open && (
        <table className={css.diff}>
          <tbody>
            {fields.map(({ name, before, after }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>
                  {before !== null && <del>{before}</del>} {after !== null && <ins>{after}</ins>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Row>
  );
}
