import { useParams } from '@tanstack/react-router';
import { SettingsPage } from '@/features/settings';
import { PaneBoundary } from '@/ui/states';
import { useGo } from './useGo';

export function SettingsScreen() {
  const { page } = useParams({ strict: false });
  const go = useGo();
  return (
    <PaneBoundary resetKey={page}>
      <SettingsPage page={page ?? null} onOpen={go.settings} />
    </PaneBoundary>
  );
}
