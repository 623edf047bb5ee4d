import { Kbd } from '@mantine/core';
import { Fragment } from 'react';
import css from './keys.module.css';

const NAMES: Record<string, string> = {
  mod: /Mac|iPhone|iPad/.test(navigator.userAgent) ? '⌘' : 'Ctrl',
  shift: 'Shift',
  alt: 'Alt',
  enter: 'Enter',
  escape: 'Esc',
  arrowup: '↑',
  arrowdown: '↓',
  arrowleft: '←',
  arrowright: '→',
};

/** A shortcut as its keys are labelled: "mod+enter", or one after another: "g i". */
export function Keys({ keys }: { keys: string }) {
  return (
    <span className={css.keys}>
      {keys.split(' ').map((chord, at) => (
        <Fragment key={at}>
          {chord.split('+').map((part, index) => (
            <Kbd key={index} size="xs">
              {NAMES[part] ?? part.toUpperCase()}
            </Kbd>
          ))}
        </Fragment>
      ))}
    </span>
  );
}
