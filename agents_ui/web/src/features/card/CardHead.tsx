import { Menu } from '@mantine/core';
import { IconArrowMerge, IconDots, IconExternalLink } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { Card } from '@/api/types';
import { Avatar } from '@/entities/agent/Avatar';
import { useAgent, useMay } from '@/entities/live';
import { ago } from '@/lib/format';
import { tMaybe } from '@/lib/i18n';
import { useNow } from '@/ui/clock';
import { useT } from '@/ui/i18n';
import { MergeDialog } from './MergeDialog';
import css from './card.module.css';

/** Name, standing and owner of the client, and when they were last heard. */
export function CardHead({ card }: { card: Card }) {
  const t = useT();
  const now = useNow();
  const owner = useAgent(card.owner_id);
  const mayMerge = useMay('card.merge');
  const [merging, setMerging] = useState(false);
  const facts = [
    tMaybe(`card.lifecycle.${card.lifecycle}`, card.lifecycle),
    card.kind === 'company' ? t('card.company') : '',
    owner ? t('card.owner_is', { name: owner.name }) : '',
  ].filter((fact) => fact !== '');
  return (
    <header className={css.head}>
      <Avatar id={card.id} name={card.display_name} size="lg" />
      <div className={css.titles}>
        <h2 className={css.name}>{card.display_name || t('card.unnamed')}</h2>
        <p className={css.facts}>{facts.join(' · ')}</p>
        {card.last_in_at && (
          <p className={css.facts}>{t('card.last_in', { when: ago(card.last_in_at, now) })}</p>
        )}
      </div>
      <Menu position="bottom-end" shadow="md" width={220}>
        <Menu.Target>
          <button type="button" className={css.tool} aria-label={t('card.more')}>
            <IconDots size={20} stroke={1.6} aria-hidden />
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            renderRoot={(props) => (
              <Link to="/clients/$card" params={{ card: card.id }} {...props} />
            )}
            leftSection={<IconExternalLink size={18} stroke={1.6} />}
          >
            {t('card.open_page')}
          </Menu.Item>
          {mayMerge && (
            <Menu.Item
              leftSection={<IconArrowMerge size={18} stroke={1.6} />}
              onClick={() => setMerging(true)}
            >
              {t('card.merge')}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      {merging && <MergeDialog card={card} onClose={() => setMerging(false)} />}
    </header>
  );
}
