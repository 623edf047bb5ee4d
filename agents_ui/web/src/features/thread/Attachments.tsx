import { Modal } from '@mantine/core';
import {
  IconChevronLeft,
  IconChevronRight,
  IconDownload,
  IconFile,
  IconFileOff,
  IconFileSpreadsheet,
  IconFileText,
  IconFileZip,
  IconPhoto,
} from '@tabler/icons-react';
import { useState } from 'react';
import type { Attachment, Message } from '@/api/types';
import { bytes } from '@/lib/format';
import { tMaybe } from '@/lib/i18n';
import { useHotkeys } from '@/ui/hotkeys';
import { useT } from '@/ui/i18n';
import { Media, playedAs } from './Media';
import css from './attachments.module.css';

const isImage = ({ mime, unavailable }: Attachment) =>
  unavailable === null && /^image\/(?:png|jpe?g|gif|webp|avif|bmp)$/.test(mime);
const inlineOf = ({ id }: Attachment) => `/api/attachments/${id}?inline=1`;

/** The files of a message: images as pictures, the rest as names with their size. */
export function Attachments({ message }: { message: Message }) {
  const [open, setOpen] = useState<number | null>(null);
  const shown = message.attachments.filter(({ inline }) => !inline || !message.has_html);
  if (shown.length === 0) return null;
  const images = shown.filter((file) => isImage(file) && playedAs(file) === null);
  const thumbs = images.map((image, at) => (
    <Thumb key={image.id} image={image} onOpen={() => setOpen(at)} />
  ));
  const isChat = message.channel !== 'email' && message.channel !== '';
  return (
    <div className={css.files}>
      {isChat && images.length > 0 ? (
        <div className={css.album} data-count={Math.min(images.length, 4)}>
          {thumbs}
        </div>
      ) : (
        thumbs
      )}
      {shown
        .filter((file) => !images.includes(file))
        .map((file) => {
          const as = playedAs(file);
          return as ? (
            <Media key={file.id} file={file} as={as} />
          ) : (
            <File key={file.id} file={file} />
          );
        })}
      {open !== null && (
        <Lightbox images={images} at={open} onMove={setOpen} onClose={() => setOpen(null)} />
      )}
    </div>
  );
}

function Thumb({ image, onOpen }: { image: Attachment; onOpen: () => void }) {
  const t = useT();
  const label = t('thread.open_image', { name: image.filename });
  return (
    <button type="button" className={css.thumb} aria-label={label} title={label} onClick={onOpen}>
      <img src={inlineOf(image)} alt="" loading="lazy" />
    </button>
  );
}

function File({ file }: { file: Attachment }) {
  const t = useT();
  const Icon = ICONS[kindOf(file)];
  const words = (
    <>
      <Icon size={22} stroke={1.4} aria-hidden />
      <span className={css.name}>{file.filename || t('thread.unnamed_file')}</span>
      <span className={css.size}>
        {file.unavailable === null
          ? bytes(file.size)
          : tMaybe(`attachment.${file.unavailable}`, t('attachment.unavailable'))}
      </span>
    </>
  );
  if (file.unavailable !== null) return <span className={css.file}>{words}</span>;
  return (
    <a className={css.file} href={`/api/attachments/${file.id}`} download={file.filename}>
      {words}
      <span className="visually-hidden">{t('thread.download')}</span>
    </a>
  );
}

const ICONS = {
  gone: IconFileOff,
  image: IconPhoto,
  archive: IconFileZip,
  sheet: IconFileSpreadsheet,
  text: IconFileText,
  other: IconFile,
} as const;

function kindOf({ mime, filename, unavailable }: Attachment): keyof typeof ICONS {
  if (unavailable !== null) return 'gone';
  if (mime.startsWith('image/')) return 'image';
  if (/zip|rar|7z|tar|compress/.test(mime)) return 'archive';
  if (/sheet|excel|csv/.test(mime)) return 'sheet';
  return /pdf|word|text|document/.test(mime) || /\.pdf$/i.test(filename) ? 'text' : 'other';
}

interface LightboxProps {
  images: readonly Attachment[];
  at: number;
  onMove: (at: number) => void;
  onClose: () => void;
}

/** A picture as large as the page allows; arrows go to the next one. */
function Lightbox({ images, at, onMove, onClose }: LightboxProps) {
  const t = useT();
  const image = images[at];
  const move = (by: number) => onMove((at + by + images.length) % images.length);
  useHotkeys('keys.lightbox', [
    { keys: 'arrowleft', run: () => move(-1), whileTyping: true },
    { keys: 'arrowright', run: () => move(1), whileTyping: true },
  ]);
  if (!image) return null;
  return (
    <Modal
      opened
      onClose={onClose}
      size="auto"
      centered
      title={image.filename}
      padding="sm"
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <div className={css.light}>
        <img src={inlineOf(image)} alt={image.filename} />
        <div className={css.tools}>
          {images.length > 1 && (
            <button type="button" aria-label={t('thread.previous_image')} onClick={() => move(-1)}>
              <IconChevronLeft size={20} aria-hidden />
            </button>
          )}
          <a
            href={`/api/attachments/${image.id}`}
            download={image.filename}
            aria-label={t('thread.download')}
          >
            <IconDownload size={20} stroke={1.6} aria-hidden />
          </a>
          {images.length > 1 && (
            <button type="button" aria-label={t('thread.next_image')} onClick={() => move(1)}>
              <IconChevronRight size={20} aria-hidden />
            </button>
          )}
        </div>
      </div>
    </Modal>
  );
}
