import type { Id } from '@/api/types';

export interface ComposerProps {
  conversationId: Id;
}

export function Composer({ conversationId }: ComposerProps) {
  return <form data-conversation={conversationId} />;
}

export interface NewConversationProps {
  onDone: (conversationId: Id) => void;
  onCancel: () => void;
}

export function NewConversation({ onCancel }: NewConversationProps) {
  return <form onReset={onCancel} />;
}
