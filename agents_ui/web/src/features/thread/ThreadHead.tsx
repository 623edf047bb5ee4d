import { Menu } from '@mantine/core';
import {
  IconAlarm,
  IconArrowLeft,
  IconBell,
  IconBellOff,
  IconCheck,
  IconDots,
  IconHourglass,
  IconId,
  IconInbox,
  IconMailOpened,
  IconRotate,
  IconShieldX,
  IconTag,
  IconTrash,
  IconUser,
  IconUsers,
} from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import type { ConversationItem } from '@/api/types';
import { Avatar } from '@/entities/agent/Avatar';
import { useActions } from '@/entities/conversation/actions';
import { PRIORITY_KEYS, PriorityIcon, StatusPill, TagChip } from '@/entities/conversation/bits';
import { useAgent, useHub, useMe, useTeam } from '@/entities/live';
import { MomentMenu } from '@/entities/pick/MomentMenu';
import { ValueButton } from '@/entities/pick/ValueButton';
import { AssigneePicker, PriorityPicker, TagPicker, TeamPicker } from '@/entities/pick/pickers';
import { shortDateTime } from '@/lib/format';
import { useHotkeys } from '@/ui/hotkeys';
import { useT } from '@/ui/i18n';
import { Colleagues } from './Colleagues';
import { Subject } from './Subject';
import css from './head.module.css';

interface ThreadHeadProps {
  conversation: ConversationItem;
  onShowCard?: (() => void) | undefined;
  onBack?: (() => void) | undefined;
}

type Shown = 'assign' | 'team' | 'priority' | 'tags' | null;

/** Whose conversation this is and in what state, with everything that changes it. */
export function ThreadHead({ conversation, onShowCard, onBack }: ThreadHeadProps) {
  const t = useT();
  return (
    <header className={css.head}>
      <div className={css.top}>
        {onBack && (
          <button type="button" className={css.tool} onClick={onBack} aria-label={t('thread.back')}>
            <IconArrowLeft size={20} stroke={1.6} aria-hidden />
          </button>
        )}
        <div className={css.titles}>
          <Subject conversation={conversation} />
          <p className={css.client}>
            <span>{conversation.card.name}</span>
            <span aria-hidden>·</span>
            <span>#{conversation.number}</span>
            <Colleagues conversationId={conversation.id} />
          </p>
        </div>
        <Main conversation={conversation} />
        {onShowCard && (
          <button
            type="button"
            className={css.tool}
            onClick={onShowCard}
            aria-label={t('thread.show_card')}
            title={t('thread.show_card')}
          >
            <IconId size={20} stroke={1.6} aria-hidden />
          </button>
        )}
      </div>
      <Properties conversation={conversation} />
    </header>
  );
}

/** The verbs an agent needs most, and the rest behind a menu. */
function Main({ conversation: row }: { conversation: ConversationItem }) {
  const t = useT();
  const actions = useActions();
  const [snoozing, setSnoozing] = useState(false);
  const closed = row.status === 'closed';
  const toggle = () => (closed ? actions.open : actions.close)(row);
  useHotkeys('keys.conversation', [
    { keys: 'e', label: 'keys.close', run: toggle },
    { keys: 'h', label: 'keys.snooze', run: () => setSnoozing(true) },
    { keys: '#', label: 'keys.trash', run: () => actions.move(row, 'trash') },
  ]);
  return (
    <>
      <MomentMenu
        label={t('conversation.snooze')}
        opened={snoozing}
        onOpened={setSnoozing}
        onPick={(until) => actions.snooze(row, until)}
      >
        <button
          type="button"
          className={css.tool}
          aria-label={t('conversation.snooze')}
          title={t('conversation.snooze')}
          onClick={() => setSnoozing(!snoozing)}
        >
          <IconAlarm size={20} stroke={1.6} aria-hidden />
        </button>
      </MomentMenu>
      <button
        type="button"
        className={css.primary}
        data-closed={closed || undefined}
        aria-label={t(closed ? 'conversation.open' : 'conversation.close')}
        onClick={toggle}
      >
        {closed ? (
          <IconRotate size={18} stroke={1.6} aria-hidden />
        ) : (
          <IconCheck size={18} stroke={1.8} aria-hidden />
        )}
        <span>{t(closed ? 'conversation.open' : 'conversation.close')}</span>
      </button>
      <MoreMenu conversation={row} />
    </>
  );
}

function MoreMenu({ conversation: row }: { conversation: ConversationItem }) {
  const t = useT();
  const hub = useHub();
  const me = useMe();
  const actions = useActions();
  const following = row.follower_ids.includes(me.id);
  const item = (label: string, icon: ReactNode, run: () => void) => (
    <Menu.Item leftSection={icon} onClick={run}>
      {label}
    </Menu.Item>
  );
  const unread = () => void hub.markUnread(row.id, row.last_seq);
  return (
    <Menu position="bottom-end" shadow="md" width={230}>
      <Menu.Target>
        <button type="button" className={css.tool} aria-label={t('thread.more')}>
          <IconDots size={20} stroke={1.6} aria-hidden />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {row.status !== 'waiting' &&
          item(t('thread.wait'), <IconHourglass size={18} stroke={1.6} />, () => actions.wait(row))}
        {item(t('thread.mark_unread'), <IconMailOpened size={18} stroke={1.6} />, unread)}
        {item(
          t(following ? 'thread.unfollow' : 'thread.follow'),
          following ? <IconBellOff size={18} stroke={1.6} /> : <IconBell size={18} stroke={1.6} />,
          () => actions.follow(row, !following),
        )}
        <Menu.Divider />
        {row.folder !== 'inbox' &&
          item(t('thread.to_inbox'), <IconInbox size={18} stroke={1.6} />, () =>
            actions.move(row, 'inbox'),
          )}
        {row.folder !== 'spam' &&
          item(t('conversation.spam'), <IconShieldX size={18} stroke={1.6} />, () =>
            actions.move(row, 'spam'),
          )}
        {row.folder !== 'trash' &&
          item(t('conversation.trash'), <IconTrash size={18} stroke={1.6} />, () =>
            actions.move(row, 'trash'),
          )}
      </Menu.Dropdown>
    </Menu>
  );
}

/** Status, assignee, team, priority and tags: each a button that says its value. */
function Properties({ conversation: row }: { conversation: ConversationItem }) {
  const t = useT();
  const me = useMe();
  const actions = useActions();
  const assignee = useAgent(row.assignee_id);
  const team = useTeam(row.team_id);
  const [shown, setShown] = useState<Shown>(null);
  const control = (which: Exclude<Shown, null>) => ({
    opened: shown === which,
    onOpened: (on: boolean) => setShown(on ? which : null),
  });
  const flip = (which: Exclude<Shown, null>) => () => setShown(shown === which ? null : which);
  useHotkeys('keys.conversation', [
    { keys: 'a', label: 'keys.assign', run: () => setShown('assign') },
    { keys: 'shift+a', label: 'keys.assign_me', run: () => actions.assign(row, me.id) },
    { keys: 'v', label: 'keys.team', run: () => setShown('team') },
    { keys: 'p', label: 'keys.priority', run: () => setShown('priority') },
    { keys: 'l', label: 'keys.tags', run: () => setShown('tags') },
  ]);
  return (
    <div className={css.properties} role="group" aria-label={t('thread.properties')}>
      <span className={css.status}>
        <StatusPill status={row.status} />
        {row.snoozed_until && <span className={css.until}>{shortDateTime(row.snoozed_until)}</span>}
      </span>
      <AssigneePicker
        value={row.assignee_id}
        onPick={(id) => actions.assign(row, id)}
        {...control('assign')}
      >
        <ValueButton
          label={t('pick.assignee')}
          icon={
            assignee ? (
              <Avatar id={assignee.id} name={assignee.name} size="xs" />
            ) : (
              <IconUser size={16} stroke={1.6} aria-hidden />
            )
          }
          text={assignee?.name ?? t('pick.nobody')}
          onClick={flip('assign')}
        />
      </AssigneePicker>
      <TeamPicker value={row.team_id} onPick={(id) => actions.team(row, id)} {...control('team')}>
        <ValueButton
          label={t('pick.team')}
          icon={<IconUsers size={16} stroke={1.6} aria-hidden />}
          text={team?.name ?? t('pick.no_team')}
          onClick={flip('team')}
        />
      </TeamPicker>
      <PriorityPicker
        value={row.priority}
        onPick={(priority) => actions.priority(row, priority)}
        {...control('priority')}
      >
        <ValueButton
          label={t('pick.priority')}
          icon={<PriorityIcon priority={row.priority} />}
          text={t(PRIORITY_KEYS[row.priority])}
          onClick={flip('priority')}
        />
      </PriorityPicker>
      <TagPicker
        value={row.tag_ids}
        onPick={(ids) => actions.tags(row, [...ids])}
        {...control('tags')}
      >
        <ValueButton
          label={t('pick.tags')}
          icon={<IconTag size={16} stroke={1.6} aria-hidden />}
          text={row.tag_ids.length === 0 ? t('pick.tags') : ''}
          onClick={flip('tags')}
        />
      </TagPicker>
      {row.tag_ids.map((id) => (
        <TagChip key={id} id={id} />
      ))}
    </div>
  );
}
