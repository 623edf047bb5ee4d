import { IconFile, IconRefresh, IconX } from '@tabler/icons-react';
import type { Upload } from '@/api/types';
import { bytes } from '@/lib/format';
import { useT } from '@/ui/i18n';
import type { Uploads } from './useUploads';
import css from './composer.module.css';

interface FilesProps {
  files: readonly Upload[];
  uploads: Uploads;
  onRemove: (blob: string) => void;
}

/** Files of a message being written: those the hub has, and those on their way. */
export function Files({ files, uploads, onRemove }: FilesProps) {
  const t = useT();
  if (files.length === 0 && uploads.waiting.length === 0) return null;
  return (
    <ul className={css.files} aria-label={t('composer.files')}>
      {files.map((file) => (
        <li key={file.blob} className={css.file}>
          <IconFile size={18} stroke={1.5} aria-hidden />
          <span className={css.filename}>{file.filename}</span>
          <span className={css.size}>{bytes(file.size)}</span>
          <button
            type="button"
            aria-label={t('composer.remove', { name: file.filename })}
            onClick={() => onRemove(file.blob)}
          >
            <IconX size={14} aria-hidden />
          </button>
        </li>
      ))}
      {uploads.waiting.map(({ key, file, share, error }) => (
        <li key={key} className={css.file} data-failed={error === null ? undefined : ''}>
          <IconFile size={18} stroke={1.5} aria-hidden />
          <span className={css.filename}>{file.name}</span>
          {error === null ? (
            <progress value={share} max={1} aria-label={t('composer.uploading')} />
          ) : (
            <span className={css.size} role="alert">
              {error instanceof Error && error.message !== 'network'
                ? error.message
                : t('composer.upload_failed')}
            </span>
          )}
          {error !== null && (
            <button type="button" aria-label={t('common.retry')} onClick={() => uploads.retry(key)}>
              <IconRefresh size={14} aria-hidden />
            </button>
          )}
          <button
            type="button"
            aria-label={t('composer.remove', { name: file.name })}
            onClick={() => uploads.cancel(key)}
          >
            <IconX size={14} aria-hidden />
          </button>
        </li>
      ))}
    </ul>
  );
}
