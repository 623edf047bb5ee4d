import { createTheme, type CSSVariablesResolver } from '@mantine/core';

/** Mantine reads our tokens, so its controls and our own rows are one design. */
export const theme = createTheme({
  fontFamily: 'var(--font)',
  fontFamilyMonospace: 'var(--mono)',
  headings: { fontFamily: 'var(--font)', fontWeight: '650' },
  primaryColor: 'bridge',
  primaryShade: { light: 7, dark: 7 },
  defaultRadius: 'var(--radius-sm)',
  cursorType: 'pointer',
  respectReducedMotion: true,
  fontSizes: {
    xs: 'var(--text-xs)',
    sm: 'var(--text-sm)',
    md: 'var(--text-md)',
    lg: 'var(--text-lg)',
    xl: 'var(--text-xl)',
  },
  // By name: importing the components here would load them with the first page.
  components: {
    InputDescription: { styles: { description: { fontSize: 'var(--text-xs)' } } },
    InputError: { styles: { error: { fontSize: 'var(--text-xs)' } } },
    Modal: { styles: { title: { fontSize: 'var(--text-lg)', fontWeight: 650 } } },
    Switch: { defaultProps: { withThumbIndicator: false } },
  },
  colors: {
    // Mantine's greys of the dark theme, in the hue of our surfaces.
    dark: [
      '#e6ebf2',
      '#b4bfcc',
      '#93a0b0',
      '#6e7c8e',
      '#3a4553',
      '#29323e',
      '#1d242e',
      '#161b23',
      '#12171e',
      '#0b0f14',
    ],
    bridge: [
      '#eef4fb',
      '#dbe7f5',
      '#b5cdea',
      '#8bb0de',
      '#6796d3',
      '#4f84cb',
      '#3f76c2',
      '#2f63ab',
      '#265393',
      '#1c437b',
    ],
  },
});

const shared = {
  '--mantine-color-body': 'var(--surface)',
  '--mantine-color-text': 'var(--ink)',
  '--mantine-color-dimmed': 'var(--ink-faint)',
  '--mantine-color-default': 'var(--raised)',
  '--mantine-color-default-hover': 'var(--hover)',
  '--mantine-color-default-color': 'var(--ink)',
  '--mantine-color-default-border': 'var(--border)',
  '--mantine-color-placeholder': 'var(--ink-faint)',
  '--mantine-color-anchor': 'var(--accent-ink)',
  '--mantine-color-error': 'var(--bad)',
};

export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: shared,
  dark: {
    ...shared,
    '--mantine-color-dark-4': 'var(--border)',
    '--mantine-color-dark-5': 'var(--hover)',
    '--mantine-color-dark-6': 'var(--raised)',
    '--mantine-color-dark-7': 'var(--surface)',
  },
});
