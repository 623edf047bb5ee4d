import { Button, Menu, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconPlus, IconTags } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/http';
import type { Tag } from '@/api/types';
import { useHub, useTags } from '@/entities/live';
import { Confirm, Dialog, FormFooter } from '@/ui/Dialog';
import { useT } from '@/ui/i18n';
import { Notice } from '@/ui/Notice';
import { Page, Row, Rows } from '@/ui/Page';
import { problemText } from '@/ui/problem';
import { RowMenu } from '@/ui/RowMenu';
import { EmptyState } from '@/ui/states';
import { ColorChoice } from './ColorChoice';
import css from './tags.module.css';

type Open = { kind: 'edit'; tag: Tag | null } | { kind: 'remove'; tag: Tag } | null;

export default function TagsPage() {
  const t = useT();
  const tags = useTags().toSorted((a, b) => a.name.localeCompare(b.name));
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  return (
    <Page
      title={t('admin.tags')}
      lead={t('tags.lead')}
      actions={
        <Button
          leftSection={<IconPlus size={16} />}
          onClick={() => setOpen({ kind: 'edit', tag: null })}
        >
          {t('tags.add')}
        </Button>
      }
    >
      {tags.length === 0 ? (
        <EmptyState
          icon={<IconTags size={26} stroke={1.6} />}
          title={t('tags.none')}
          text={t('tags.none_text')}
        />
      ) : (
        <Rows label={t('admin.tags')}>
          {tags.map((tag) => (
            <Row
              key={tag.id}
              lead={<span className={css.dot} data-color={tag.color} aria-hidden />}
              title={tag.name}
              end={
                <RowMenu label={t('common.actions_for', { name: tag.name })}>
                  <Menu.Item onClick={() => setOpen({ kind: 'edit', tag })}>
                    {t('common.edit')}
                  </Menu.Item>
                  <Menu.Item color="red" onClick={() => setOpen({ kind: 'remove', tag })}>
                    {t('tags.archive')}
                  </Menu.Item>
                </RowMenu>
              }
            />
          ))}
        </Rows>
      )}
      <Dialog
        opened={open?.kind === 'edit'}
        onClose={close}
        title={t(open?.tag ? 'tags.edit' : 'tags.add')}
      >
        {open?.kind === 'edit' && <TagForm tag={open.tag} onDone={close} />}
      </Dialog>
      <Archive tag={open?.kind === 'remove' ? open.tag : null} onClose={close} />
    </Page>
  );
}

function TagForm({ tag, onDone }: { tag: Tag | null; onDone: () => void }) {
  const t = useT();
  const hub = useHub();
  const form = useForm({
    initialValues: { name: tag?.name ?? '', color: tag?.color ?? 'blue' },
    validate: { name: (name) => (name.trim() ? null : t('common.name_missing')) },
  });
  const save = useMutation({
    mutationFn: (body: typeof form.values) =>
      tag ? api.patch<Tag>(`/api/tags/${tag.id}`, body) : api.post<Tag>('/api/tags', body),
    onSuccess: (saved) => {
      hub.store.tags.set(saved.id, saved);
      onDone();
    },
  });
  return (
    <form onSubmit={form.onSubmit((body) => save.mutate(body))}>
      <Stack gap="md">
        {save.isError && <Notice tone="bad">{problemText(save.error)}</Notice>}
        <TextInput
          label={t('common.name')}
          maxLength={60}
          data-autofocus
          {...form.getInputProps('name')}
        />
        <ColorChoice
          value={form.values.color}
          onChange={(color) => form.setFieldValue('color', color)}
        />
        <FormFooter busy={save.isPending} action={t('common.save')} onCancel={onDone} />
      </Stack>
    </form>
  );
}

function Archive({ tag, onClose }: { tag: Tag | null; onClose: () => void }) {
  const t = useT();
  const hub = useHub();
  const archive = useMutation({
    mutationFn: (id: string) => api.delete(`/api/tags/${id}`),
    onSuccess: (_nothing, id) => {
      hub.store.tags.delete(id);
      onClose();
    },
  });
  return (
    <Confirm
      opened={tag !== null}
      title={t('tags.archive_title', { name: tag?.name ?? '' })}
      text={t('tags.archive_text')}
      action={t('tags.archive')}
      busy={archive.isPending}
      error={archive.error}
      onConfirm={() => tag && archive.mutate(tag.id)}
      onClose={onClose}
    />
  );
}
