/** What a pane shows when it has nothing, waits, or failed. */

import { Button } from '@mantine/core';
import { IconAlertTriangle, IconInbox } from '@tabler/icons-react';
import { Component, type ReactNode } from 'react';
import { useT } from './i18n';
import { problemText } from './problem';
import css from './states.module.css';

interface EmptyProps {
  title: string;
  text?: string;
  icon?: ReactNode;
  action?: ReactNode;
}

/** Says why there is nothing here and offers the next step. */
export function EmptyState({ title, text, icon, action }: EmptyProps) {
  return (
    <div className={css.state}>
      <div className={css.icon} aria-hidden>
        {icon ?? <IconInbox size={26} stroke={1.6} />}
      </div>
      <h2 className={css.title}>{title}</h2>
      {text && <p className={css.text}>{text}</p>}
      {action && <div className={css.action}>{action}</div>}
    </div>
  );
}

interface ErrorProps {
  title?: string;
  error: unknown;
  onRetry?: () => void;
}

/** Says in words what failed, keeps the code for support, and offers to try again. */
export function ErrorState({ title, error, onRetry }: ErrorProps) {
  const t = useT();
  const { detail, code } = describe(error);
  return (
    <div className={css.state} role="alert">
      <div className={css.icon} aria-hidden>
        <IconAlertTriangle size={26} stroke={1.6} />
      </div>
      <h2 className={css.title}>{title ?? t('common.failed')}</h2>
      <p className={css.text}>{detail || t('common.failed_hint')}</p>
      {code && <span className={css.code}>{code}</span>}
      {onRetry && (
        <Button className={css.action} variant="default" onClick={onRetry}>
          {t('common.retry')}
        </Button>
      )}
    </div>
  );
}

function describe(error: unknown): { detail: string; code: string } {
  if (!(error instanceof Error)) return { detail: '', code: '' };
  return { detail: problemText(error), code: 'code' in error ? String(error.code) : error.name };
}

const WIDTHS = ['62%', '88%', '44%', '76%', '55%', '82%', '38%', '70%'];

/** Grey lines in the final geometry; invisible for the first 150 ms so that fast answers never flash. */
export function Skeleton({ lines = 6, height = 12 }: { lines?: number; height?: number }) {
  const t = useT();
  return (
    <div className={css.bones} role="status" aria-label={t('common.loading')}>
      {Array.from({ length: lines }, (_, at) => (
        <div key={at} className={css.bone} style={{ height, width: WIDTHS[at % WIDTHS.length] }} />
      ))}
    </div>
  );
}

interface PaneProps {
  children: ReactNode;
  /** A new value clears a shown error, e.g. the id of the conversation. */
  resetKey?: string | undefined;
}

interface PaneState {
  error: Error | null;
  resetKey: string | undefined;
}

/** Keeps a failure inside its pane: the rest of the page goes on. */
export class PaneBoundary extends Component<PaneProps, PaneState> {
  override state: PaneState = { error: null, resetKey: this.props.resetKey };

  static getDerivedStateFromError(error: Error): Partial<PaneState> {
    return { error };
  }

  static getDerivedStateFromProps(props: PaneProps, state: PaneState): PaneState | null {
    return props.resetKey === state.resetKey ? null : { error: null, resetKey: props.resetKey };
  }

  override render() {
    if (!this.state.error) return this.props.children;
    return <ErrorState error={this.state.error} onRetry={() => this.setState({ error: null })} />;
  }
}
