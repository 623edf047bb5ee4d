import { useMe } from '@/entities/live';
import { useT } from '@/ui/i18n';
import { Page } from '@/ui/Page';
import { About } from './About';
import { PasswordSection } from './PasswordSection';
import { SecondFactor } from './SecondFactor';
import { Sessions } from './Sessions';
import css from './profile.module.css';

export function ProfilePage() {
  const t = useT();
  const me = useMe();
  return (
    <div
      className={css.scroll}
      data-pane
      tabIndex={0}
      role="region"
      aria-label={t('shell.profile')}
    >
      <Page title={t('shell.profile')} lead={me.login}>
        <About />
        <PasswordSection />
        <SecondFactor />
        <Sessions />
      </Page>
    </div>
  );
}
