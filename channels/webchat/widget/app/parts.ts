/** What is fetched when it is needed: forms and menus in one piece, files in another. */

import { later } from './later.tsx';
import { speakMore } from './texts.ts';

async function extras() {
  const [parts] = await Promise.all([import('./extras.ts'), speakMore()]);
  return parts;
}

export async function files() {
  const [parts] = await Promise.all([import('./files.tsx'), speakMore()]);
  return parts;
}

export const Form = later(async () => (await extras()).Form);
export const Rating = later(async () => (await extras()).Rating);
export const Prove = later(async () => (await extras()).Prove);
export const Forget = later(async () => (await extras()).Forget);
export const Menu = later(async () => (await extras()).Menu);
export const Emoji = later(async () => (await extras()).Emoji);
export const Attachment = later(async () => (await files()).Attachment);
