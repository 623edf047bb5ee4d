import { Modal } from '@mantine/core';
import { listHotkeys } from '@/ui/hotkeys';
import { useT } from '@/ui/i18n';
import { Keys } from '@/ui/Keys';
import css from './cheatsheet.module.css';

interface Props {
  opened: boolean;
  onClose: () => void;
}

/** Every shortcut that works on this screen, from the same list that makes them work. */
export function CheatSheet({ opened, onClose }: Props) {
  const t = useT();
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      size="xl"
      title={t('keys.title')}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <div className={css.groups}>{opened && <Groups />}</div>
      <p className={css.note}>{t('keys.about')}</p>
    </Modal>
  );
}

function Groups() {
  const t = useT();
  const groups = Map.groupBy(listHotkeys(), (hotkey) => hotkey.group);
  return [...groups].map(([group, hotkeys]) => (
    <section key={group}>
      <h3 className={css.title}>{t(group)}</h3>
      <dl className={css.list}>
        {hotkeys.map(({ keys, label }) => (
          <div key={keys} className={css.line}>
            <dt>{t(label)}</dt>
            <dd>
              <Keys keys={keys} />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  ));
}
