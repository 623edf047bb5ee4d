/** The messages, newest below; it stays at the bottom unless the visitor has scrolled up. */

import { Fragment } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { Bubble, Outgoing } from './Bubble.tsx';
import type { Chat } from './chat.ts';
import type { Note } from './protocol.ts';
import { day, sameDay, t } from './texts.ts';

const NEAR = 80; // pixels from the bottom that count as being there

export function Thread({ chat }: { chat: Chat }) {
  const { log, cfg, typing, read, health, open } = chat.state;
  const box = useRef<HTMLDivElement>(null);
  const isBelow = useRef(true);
  const height = useRef(0);
  const { items, pending, start } = log;
  const lastRead = items.findLast((item) => item.t === 'msg' && item.dir === 'in')?.seq;

  const down = () => {
    if (isBelow.current) box.current?.scrollTo(0, box.current.scrollHeight);
  };
  useLayoutEffect(() => {
    const { current } = box;
    // Older messages came in above: what was seen stays where it was.
    if (!isBelow.current && current!.scrollTop < 40 && height.current) {
      current!.scrollTop += current!.scrollHeight - height.current;
    }
    height.current = current!.scrollHeight;
    down();
  }, [items, pending, typing, open]);
  useEffect(() => {
    const watch = new ResizeObserver(down);
    watch.observe(box.current!);
    watch.observe(box.current!.firstElementChild!);
    return () => watch.disconnect();
  }, []);

  return (
    <div
      class="thread"
      ref={box}
      role="log"
      aria-label={t('messages')}
      tabIndex={0}
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
        isBelow.current = scrollHeight - scrollTop - clientHeight < NEAR;
      }}
    >
      <ul>
        {start > 0 && health === 'on' ? (
          <li class="note">
            <button type="button" class="plain" onClick={() => chat.older()}>
              {t('older')}
            </button>
          </li>
        ) : (
          <li class="message out">
            <div class="bubble">
              <p>{cfg!.greeting || t('hello')}</p>
            </div>
          </li>
        )}
        {items.map((item, n) => {
          const before = items[n - 1];
          const after = items[n + 1];
          const isNewDay = !before || !sameDay(before.at, item.at);
          return (
            <Fragment key={item.id}>
              {isNewDay && <li class="day">{day(item.at)}</li>}
              {item.t === 'note' ? (
                <li class="note">{said(item)}</li>
              ) : (
                <Bubble
                  chat={chat}
                  message={item}
                  first={
                    isNewDay ||
                    before?.t !== 'msg' ||
                    before.dir !== item.dir ||
                    before.author?.name !== item.author?.name
                  }
                  last={
                    after?.t !== 'msg' || after.dir !== item.dir || after.at - item.at > 300_000
                  }
                  status={item.seq === lastRead ? t(read >= item.seq ? 'read' : 'sent') : ''}
                />
              )}
            </Fragment>
          );
        })}
        {pending.map((each) => (
          <Outgoing key={each.cid} chat={chat} message={each} />
        ))}
        {typing !== null && (
          <li class="message out">
            <div class="bubble dots">
              <span class="unseen">{typing ? t('typing', { name: typing }) : t('typing_any')}</span>
              <i />
              <i />
              <i />
            </div>
          </li>
        )}
      </ul>
    </div>
  );
}

function said({ kind, values = {} }: Note): string {
  return kind === 'mailed' ? t('mailed', values) : t(`taken_${kind}`, values);
}
