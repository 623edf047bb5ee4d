import type { ConversationItem } from '@/api/types';
import { t, tMaybe } from '@/lib/i18n';

/** What a conversation is called: chats have no subject, so the channel names them. */
export function titleOf({
  subject,
  channels,
}: Pick<ConversationItem, 'subject' | 'channels'>): string {
  if (subject !== '') return subject;
  const channel = channels.find((one) => one !== 'email');
  const none = t('conversation.no_subject');
  return channel === undefined ? none : tMaybe(`channel.${channel}`, none);
}
