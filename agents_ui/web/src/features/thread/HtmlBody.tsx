import { IconPhotoOff } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import type { Message } from '@/api/types';
import { useT } from '@/ui/i18n';
import css from './message.module.css';

/** Heights of frames seen before, so that a row that scrolls back in does not jump. */
const heights = new Map<string, number>();
const FIRST_HEIGHT = 160;
const MAX_HEIGHT = 20_000;
/** Of the paper around the mail, as the style sheet has it. */
const PADDING = 12;

/**
 * A mail's HTML in a frame without scripts, under its own content policy. It is shown on light
 * paper in both themes, for mails bring colours that assume it.
 */
export function HtmlBody({ message }: { message: Message }) {
  const t = useT();
  const frame = useRef<HTMLIFrameElement>(null);
  const [images, setImages] = useState(false);
  const [height, setHeight] = useState(heights.get(message.id) ?? FIRST_HEIGHT);
  const [loads, setLoads] = useState(0);
  useEffect(() => {
    const page = frame.current?.contentDocument;
    if (loads === 0 || !page?.documentElement) return;
    const measure = () => {
      const next = Math.min(MAX_HEIGHT, Math.ceil(page.documentElement.scrollHeight));
      if (next === 0) return;
      heights.set(message.id, next);
      setHeight(next);
    };
    const observer = new ResizeObserver(measure);
    if (page.body) observer.observe(page.body);
    measure();
    return () => observer.disconnect();
  }, [loads, message.id]);
  return (
    <div className={css.html}>
      {message.remote_images > 0 && !images && (
        <div className={css.blocked}>
          <IconPhotoOff size={16} stroke={1.6} aria-hidden />
          <span>{t('thread.images_blocked', { count: message.remote_images })}</span>
          <button type="button" className={css.button} onClick={() => setImages(true)}>
            {t('thread.show_images')}
          </button>
        </div>
      )}
      <iframe
        ref={frame}
        className={css.frame}
        title={t('thread.html_of', { name: message.author.name })}
        sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox"
        src={`/m/${message.id}/body?images=${images ? 1 : 0}`}
        style={{ height: height + 2 * PADDING }}
        onLoad={() => setLoads((count) => count + 1)}
      />
    </div>
  );
}
