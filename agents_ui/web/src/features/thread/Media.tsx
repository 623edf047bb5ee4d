import {
  IconMicrophone,
  IconMusic,
  IconPlayerPauseFilled,
  IconPlayerPlayFilled,
} from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import type { Attachment } from '@/api/types';
import { useT } from '@/ui/i18n';
import css from './media.module.css';

const source = ({ id }: Attachment) => `/api/attachments/${id}?inline=1`;

type Played = 'sticker' | 'voice' | 'audio' | 'video' | 'video_note' | 'animation';

/** How a file is shown when it is more than a name: null for a plain file. */
export function playedAs({ kind, mime, unavailable }: Attachment): Played | null {
  if (unavailable !== null) return null;
  if (kind === 'sticker') return /^(?:image|video)\//.test(mime) ? 'sticker' : null;
  if (kind === 'voice') return 'voice';
  if (kind === 'audio' || mime.startsWith('audio/')) return 'audio';
  if (!mime.startsWith('video/')) return null;
  return kind === 'video_note' || kind === 'animation' ? kind : 'video';
}

/** A sticker, a recording or a film, where it was said. */
export function Media({ file, as }: { file: Attachment; as: Played }) {
  const t = useT();
  const name = file.filename || t('thread.unnamed_file');
  switch (as) {
    case 'sticker':
      return file.mime.startsWith('video/') ? (
        <video
          className={css.sticker}
          src={source(file)}
          aria-label={t('chat.sticker')}
          autoPlay
          loop
          muted
          playsInline
        >
          <track kind="captions" />
        </video>
      ) : (
        <img className={css.sticker} src={source(file)} alt={t('chat.sticker')} loading="lazy" />
      );
    case 'voice':
    case 'audio':
      return <Player file={file} voice={as === 'voice'} />;
    case 'video_note':
    case 'video':
    case 'animation':
      return (
        <video
          className={as === 'video_note' ? css.note : css.video}
          src={source(file)}
          aria-label={t(as === 'video_note' ? 'chat.video_note' : 'chat.video', { name })}
          controls
          playsInline
          preload="metadata"
          loop={as === 'animation'}
        >
          <track kind="captions" />
        </video>
      );
  }
}

/** A recording: play, how far, how long. Nothing is fetched before it is played. */
function Player({ file, voice }: { file: Attachment; voice: boolean }) {
  const t = useT();
  const audio = useRef<HTMLAudioElement>(null);
  const [playing, setPlaying] = useState(false);
  const [failed, setFailed] = useState(false);
  const [at, setAt] = useState(0);
  const [length, setLength] = useState(file.duration ?? 0);
  useEffect(() => {
    const element = audio.current;
    return () => element?.pause();
  }, []);
  const toggle = () => {
    const element = audio.current;
    if (!element) return;
    if (playing) element.pause();
    else void element.play().catch(() => setFailed(true));
  };
  const Icon = voice ? IconMicrophone : IconMusic;
  const label = voice ? t('chat.voice') : file.filename || t('chat.audio');
  return (
    <div className={css.player} role="group" aria-label={label}>
      <button
        type="button"
        className={css.play}
        aria-label={t(playing ? 'chat.stop' : 'chat.play')}
        onClick={toggle}
      >
        {playing ? (
          <IconPlayerPauseFilled size={16} aria-hidden />
        ) : (
          <IconPlayerPlayFilled size={16} aria-hidden />
        )}
      </button>
      <div className={css.track}>
        {!voice && <span className={css.name}>{label}</span>}
        <input
          type="range"
          min={0}
          max={Math.max(length, 0.1)}
          step={0.1}
          value={Math.min(at, length)}
          aria-label={t('chat.position')}
          aria-valuetext={`${minutes(at)} / ${minutes(length)}`}
          onChange={(event) => {
            const to = Number(event.currentTarget.value);
            setAt(to);
            if (audio.current) audio.current.currentTime = to;
          }}
        />
        {failed && (
          <a className={css.failed} href={`/api/attachments/${file.id}`} download={file.filename}>
            {t('chat.cannot_play')}
          </a>
        )}
      </div>
      <span className={css.time}>
        <Icon size={14} stroke={1.6} aria-hidden />
        {minutes(playing || at > 0 ? at : length)}
      </span>
      <audio
        ref={audio}
        src={source(file)}
        preload="none"
        onPlay={() => setPlaying(true)}
        onPause={() => setPlaying(false)}
        onEnded={() => setAt(0)}
        onError={() => setFailed(true)}
        onTimeUpdate={(event) => setAt(event.currentTarget.currentTime)}
        onDurationChange={(event) => {
          const { duration } = event.currentTarget;
          if (Number.isFinite(duration)) setLength(duration);
        }}
      >
        <track kind="captions" />
      </audio>
    </div>
  );
}

/** 1:05 */
function minutes(seconds: number): string {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}
