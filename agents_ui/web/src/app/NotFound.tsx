import { Button } from '@mantine/core';
import { IconMapQuestion } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useT } from '@/ui/i18n';
import { EmptyState } from '@/ui/states';

export function NotFound() {
  const t = useT();
  return (
    <EmptyState
      icon={<IconMapQuestion size={26} stroke={1.6} />}
      title={t('shell.not_found')}
      text={t('shell.not_found_text')}
      action={
        <Button component={Link} to="/" variant="default">
          {t('shell.to_inbox')}
        </Button>
      }
    />
  );
}
