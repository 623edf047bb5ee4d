/** Language and theme: on the sign-in page and in the account menu. */

import { Menu, SegmentedControl, UnstyledButton, useMantineColorScheme } from '@mantine/core';
import { IconCheck, IconDeviceDesktop, IconLanguage, IconMoon, IconSun } from '@tabler/icons-react';
import { LOCALES, LOCALE_NAMES } from '@/lib/i18n';
import { useT } from './i18n';
import { chooseLocale, useLocale } from './locale';
import css from './preferences.module.css';

export function LanguageMenu() {
  const t = useT();
  const current = useLocale();
  return (
    <Menu position="bottom-end" shadow="md">
      <Menu.Target>
        <UnstyledButton
          className={css.quiet}
          aria-label={`${t('common.language')}: ${LOCALE_NAMES[current]}`}
        >
          <IconLanguage size={18} stroke={1.6} aria-hidden />
          {LOCALE_NAMES[current]}
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        {LOCALES.map((name) => (
          <Menu.Item
            key={name}
            lang={name}
            rightSection={name === current ? <IconCheck size={16} aria-hidden /> : null}
            onClick={() => void chooseLocale(name)}
          >
            {LOCALE_NAMES[name]}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

export function ThemeChoice() {
  const t = useT();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const icon = { size: 16, stroke: 1.6 };
  const data = [
    { value: 'light' as const, label: <IconSun {...icon} aria-label={t('common.theme_light')} /> },
    { value: 'dark' as const, label: <IconMoon {...icon} aria-label={t('common.theme_dark')} /> },
    {
      value: 'auto' as const,
      label: <IconDeviceDesktop {...icon} aria-label={t('common.theme_auto')} />,
    },
  ];
  return (
    <SegmentedControl
      size="xs"
      aria-label={t('common.theme')}
      value={colorScheme}
      onChange={setColorScheme}
      data={data}
      classNames={{ label: css.segment ?? '' }}
    />
  );
}
