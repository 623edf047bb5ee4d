import '@fontsource-variable/inter/wght.css';
import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './ui/tokens.css';
import './ui/base.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/App';
import { onLocale, locale, preferredLocale, setLocale } from './lib/i18n';
import { rememberedLocale } from './ui/locale';

const root = document.getElementById('app');
if (!root) throw new Error('index.html has no #app');

onLocale(() => (document.documentElement.lang = locale()));
await setLocale(rememberedLocale() ?? preferredLocale());
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
