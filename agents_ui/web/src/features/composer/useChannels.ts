import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/http';
import type { ChannelOption, ConversationItem, Id } from '@/api/types';
import { useAccounts } from '@/entities/live';

export interface Channels {
  options: readonly ChannelOption[];
  /** What an answer goes through; undefined while the hub has not said what there is. */
  chosen: ChannelOption | undefined;
  /** The agent took another channel than the usual one. */
  isOther: boolean;
  error: unknown;
  choose: (option: ChannelOption) => void;
}

const NONE: readonly ChannelOption[] = [];
/** What agents chose in conversations of this page, until an answer was sent. */
const chosenIn = new Map<Id, string>();

export const optionKey = ({ account_id, identity_id, thread_id }: ChannelOption): string =>
  `${account_id} ${identity_id} ${thread_id ?? ''}`;

/** Every way to answer a conversation, with the one that is used. */
export function useChannels({ id, last_public_seq }: ConversationItem, enabled: boolean): Channels {
  // An account that is paused or switched off takes its channels along.
  const accounts = useAccounts().map((one) => `${one.id} ${one.is_enabled} ${one.paused_until}`);
  const [, setChosen] = useState(0);
  const { data, error } = useQuery({
    queryKey: ['channels', id, last_public_seq, accounts.join()],
    queryFn: () => api.get<ChannelOption[]>(`/api/conversations/${id}/channels`),
    placeholderData: (before, query) => (query?.queryKey[1] === id ? before : undefined),
    retry: false,
    enabled,
  });
  const options = data ?? NONE;
  const usual =
    options.find(({ is_default }) => is_default) ?? options.find(({ possible }) => possible);
  const wanted = chosenIn.get(id);
  const chosen = options.find((option) => optionKey(option) === wanted) ?? usual ?? options[0];
  return {
    options,
    chosen,
    isOther: chosen !== undefined && usual !== undefined && chosen !== usual,
    error,
    choose: (option) => {
      chosenIn.set(id, optionKey(option));
      setChosen((count) => count + 1);
    },
  };
}
