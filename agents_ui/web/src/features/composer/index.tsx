export { Composer, type ComposerProps } from './Composer';
export { NewConversation, type NewConversationProps } from './NewConversation';
