import { createContext } from 'react';

/** Shows the entry of a place in the conversation; the timeline provides it. */
export const JumpContext = createContext<(seq: number) => void>(() => undefined);
