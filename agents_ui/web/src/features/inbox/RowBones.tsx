import { useT } from '@/ui/i18n';
import css from './bones.module.css';

/** Rows without words in the geometry of real ones; unseen for the first 150 ms. */
export function RowBones() {
  const t = useT();
  return (
    <div className={css.bones} role="status" aria-label={t('common.loading')}>
      {Array.from({ length: 9 }, (_, at) => (
        <div key={at} className={css.row}>
          <span className={css.face} />
          <span className={css.lines}>
            <span className={css.line} data-width={at % 3} />
            <span className={css.line} data-width={3} />
          </span>
        </div>
      ))}
    </div>
  );
}
