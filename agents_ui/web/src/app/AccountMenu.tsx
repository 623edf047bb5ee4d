import { Menu, useMantineColorScheme } from '@mantine/core';
import {
  IconCheck,
  IconDeviceDesktop,
  IconKeyboard,
  IconLogout,
  IconMoon,
  IconSun,
  IconUserCircle,
} from '@tabler/icons-react';
import { api } from '@/api/http';
import { initials } from '@/entities/agent/initials';
import { useHub, useLink, useMe } from '@/entities/live';
import { LOCALES, LOCALE_NAMES, type Key, type Locale } from '@/lib/i18n';
import { useT } from '@/ui/i18n';
import { chooseLocale, useLocale } from '@/ui/locale';
import { toastError } from '@/ui/toast';
import { useGo } from './useGo';
import css from './shell.module.css';

const ICON = { size: 17, stroke: 1.6, 'aria-hidden': true } as const;

const THEMES = [
  { value: 'light', label: 'common.theme_light', icon: <IconSun {...ICON} /> },
  { value: 'dark', label: 'common.theme_dark', icon: <IconMoon {...ICON} /> },
  { value: 'auto', label: 'common.theme_auto', icon: <IconDeviceDesktop {...ICON} /> },
] as const satisfies { value: string; label: Key; icon: unknown }[];

interface Props {
  onHelp?: () => void;
  labelled?: boolean;
}

export function AccountMenu({ onHelp, labelled = false }: Props) {
  const t = useT();
  const go = useGo();
  const me = useMe();
  const { state } = useLink();
  return (
    <Menu position="right-end" shadow="md" width={250}>
      <Menu.Target>
        <button
          type="button"
          className={css.item}
          aria-label={labelled ? undefined : t('shell.account', { name: me.name })}
        >
          <span className={css.avatar} data-initials={initials(me.name)} aria-hidden />
          <span className={css.presence} data-state={state === 'live' ? 'live' : 'busy'} />
          {labelled && t('shell.me')}
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {me.name} · {me.login}
        </Menu.Label>
        <Menu.Item leftSection={<IconUserCircle {...ICON} />} onClick={go.profile}>
          {t('shell.profile')}
        </Menu.Item>
        {onHelp && (
          <Menu.Item leftSection={<IconKeyboard {...ICON} />} onClick={onHelp} rightSection="?">
            {t('shell.shortcuts')}
          </Menu.Item>
        )}
        <Menu.Divider />
        <Menu.Label>{t('common.theme')}</Menu.Label>
        <Themes />
        <Menu.Divider />
        <Menu.Label>{t('common.language')}</Menu.Label>
        <Languages />
        <Menu.Divider />
        <SignOut />
      </Menu.Dropdown>
    </Menu>
  );
}

function Themes() {
  const t = useT();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return THEMES.map(({ value, label, icon }) => (
    <Menu.Item
      key={value}
      leftSection={icon}
      rightSection={value === colorScheme ? <IconCheck {...ICON} /> : null}
      onClick={() => setColorScheme(value)}
    >
      {t(label)}
    </Menu.Item>
  ));
}

function Languages() {
  const t = useT();
  const hub = useHub();
  const current = useLocale();
  const choose = (next: Locale) => {
    void chooseLocale(next);
    hub
      .changeMe({ locale: next })
      .catch((error: unknown) => toastError(t('shell.not_saved'), error));
  };
  return LOCALES.map((name) => (
    <Menu.Item
      key={name}
      lang={name}
      rightSection={name === current ? <IconCheck {...ICON} /> : null}
      onClick={() => choose(name)}
    >
      {LOCALE_NAMES[name]}
    </Menu.Item>
  ));
}

function SignOut() {
  const t = useT();
  const hub = useHub();
  const leave = async () => {
    try {
      await hub.flushDrafts();
      await api.delete('/api/session');
      await hub.forget();
      window.location.assign('/');
    } catch (error) {
      toastError(t('shell.sign_out_failed'), error);
    }
  };
  return (
    <Menu.Item leftSection={<IconLogout {...ICON} />} onClick={() => void leave()}>
      {t('shell.sign_out')}
    </Menu.Item>
  );
}
