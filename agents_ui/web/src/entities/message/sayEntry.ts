import type { Entry, Priority, Status } from '@/api/types';
import { PRIORITY_KEYS, STATUS_KEYS } from '@/entities/conversation/bits';
import { list, shortDateTime } from '@/lib/format';
import { t, tMaybe } from '@/lib/i18n';

/** What names the ids of an entry. */
export interface Names {
  agent: (id: string) => string | undefined;
  team: (id: string) => string | undefined;
  tag: (id: string) => string | undefined;
}

type Say = (
  who: string,
  data: Record<string, unknown>,
  names: Names,
  actorId: string | null,
) => string;

/** An entry as a sentence in the reader's language. A kind this build does not know keeps its name. */
export function sayEntry(entry: Entry, names: Names): string {
  const say = SAY[entry.type];
  const who = actorName(entry, names);
  return say
    ? say(who, entry.data, names, entry.actor.id)
    : t('entry.other', { who, what: entry.type });
}

function actorName({ actor }: Entry, names: Names): string {
  if (actor.kind === 'agent') return (actor.id && names.agent(actor.id)) || t('entry.someone');
  return t(`entry.actor.${actor.kind}`);
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const ids = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

const plain = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '';
const numberOf = (data: Record<string, unknown>): string =>
  plain(data.number ?? data.into_number ?? data.from_number) || '…';
const resultOf = (code: string): string => tMaybe(`callbacks.result.${code}`, code);

const SAY: Record<string, Say> = {
  status: (who, { from, to, reason }) => {
    if (reason === 'replied' || reason === 'inbound') return t('entry.reopened');
    if (reason === 'delivery_failed') return t('entry.reopened_failed');
    if (from === 'closed') return t('entry.opened', { who });
    if (to === 'closed') return t('entry.closed', { who });
    return t('entry.status', { who, status: t(STATUS_KEYS[to as Status] ?? STATUS_KEYS.open) });
  },
  assigned: (who, { to }, { agent }, actorId) => {
    if (!to) return t('entry.unassigned', { who });
    if (to === actorId) return t('entry.took', { who });
    return t('entry.assigned', { who, whom: agent(text(to)) ?? t('entry.someone') });
  },
  team: (who, { to }, { team }) =>
    to ? t('entry.team', { who, team: team(text(to)) ?? '…' }) : t('entry.no_team', { who }),
  tags: (who, data, { tag }) => {
    const name = (id: string) => tag(id) ?? '…';
    const [added, removed] = [ids(data.added).map(name), ids(data.removed).map(name)];
    if (removed.length === 0) return t('entry.tagged', { who, tags: list(added) });
    if (added.length === 0) return t('entry.untagged', { who, tags: list(removed) });
    return t('entry.retagged', { who, added: list(added), removed: list(removed) });
  },
  priority: (who, { to }) =>
    t('entry.priority', {
      who,
      priority: t(PRIORITY_KEYS[Number(to) as Priority] ?? PRIORITY_KEYS[1]),
    }),
  subject: (who, { to }) => t('entry.subject', { who, subject: text(to) }),
  folder: (who, { to }) => tMaybe(`entry.folder.${text(to)}`, text(to), { who }),
  snoozed: (who, { until }) => t('entry.snoozed', { who, until: shortDateTime(text(until)) }),
  woken: () => t('entry.woken'),
  continues: () => t('entry.continues'),
  participant: (who, { address }) => t('entry.participant', { who, address: text(address) }),
  delivery_failed: () => t('entry.delivery_failed'),
  card: (who) => t('entry.card', { who }),
  joined: (who, data) =>
    t(data.into_number ? 'entry.joined_away' : 'entry.joined', { who, number: numberOf(data) }),
  unjoined: (who) => t('entry.unjoined', { who }),
  callback: (who, { what, result, phone }) => {
    if (what === 'done') return t('entry.callback_done', { who, result: resultOf(text(result)) });
    if (what === 'cancelled') return t('entry.callback_cancelled', { who });
    if (what === 'reopened') return t('entry.callback_reopened', { who });
    if (what === 'overdue') return t('entry.callback_overdue');
    return t('entry.callback', { phone: text(phone) });
  },
  csat: (_who, data) =>
    t(text(data.comment) === '' ? 'entry.csat' : 'entry.csat_comment', {
      score: plain(data.score),
      comment: text(data.comment),
    }),
  identity_proven: (_who, data) =>
    t('entry.identity_proven', {
      address: list(ids(data.proven ?? data.addresses)) || text(data.address) || '…',
      how: tMaybe(`entry.how.${text(data.how)}`, text(data.how)),
    }),
  prechat: () => t('entry.prechat'),
  button: (_who, data) => t('entry.button', { label: text(data.label) || text(data.button) }),
  moved: () => t('entry.moved'),
  channel: (_who, data) => {
    const channel = text(data.to) || text(data.channel);
    return t('entry.channel', { channel: tMaybe(`channel.${channel}`, channel) });
  },
  opt_out: (_who, { address }) =>
    address ? t('entry.opt_out', { address: text(address) }) : t('entry.opt_out_any'),
  opt_in: (_who, { address }) =>
    address ? t('entry.opt_in', { address: text(address) }) : t('entry.opt_in_any'),
};
