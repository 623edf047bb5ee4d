export { Emoji } from './Emoji.tsx';
export { Form } from './Form.tsx';
export { Menu } from './Menu.tsx';
export { Forget, Prove, Rating } from './panels.tsx';
