/** The whole of the frame: header, what is said or asked, and where to write. */

import { useEffect, useState } from 'preact/hooks';
import type { Chat } from './chat.ts';
import { Composer } from './Composer.tsx';
import { Header, type View } from './Header.tsx';
import * as host from './host.ts';
import { Forget, Form, Prove, Rating } from './parts.ts';
import { t } from './texts.ts';
import { Thread } from './Thread.tsx';

export function App({ chat }: { chat: Chat }) {
  const { cfg, health } = chat.state;
  const [view, setView] = useState<View>('chat');
  const [dragging, setDragging] = useState(false);
  const [dropped, setDropped] = useState<File[]>([]);
  const back = () => setView('chat');

  useEffect(() => {
    const leave = (event: KeyboardEvent) => {
      if (event.key === 'Escape') host.tell('close');
    };
    addEventListener('keydown', leave);
    return () => removeEventListener('keydown', leave);
  }, []);

  if (!cfg || health === 'refused') {
    return (
      <main class="empty">
        <p role="status">
          {t(health === 'refused' ? 'refused' : health === 'lost' ? 'lost' : 'connecting')}
        </p>
      </main>
    );
  }
  return (
    <main
      onDragOver={(event) => {
        event.preventDefault();
        setDragging(!!cfg.files && !!event.dataTransfer?.types.includes('Files'));
      }}
      onDragLeave={(event) => event.relatedTarget || setDragging(false)}
      onDrop={(event) => {
        event.preventDefault();
        setDragging(false);
        setDropped([...(event.dataTransfer?.files ?? [])]);
      }}
    >
      <Header chat={chat} onView={setView} />
      {health === 'lost' && (
        <p class="bar" role="status">
          {t('lost')}
        </p>
      )}
      <Body chat={chat} view={view} back={back} dropped={dropped} />
      {dragging && <div class="drop">{t('drop')}</div>}
    </main>
  );
}

interface BodyProps {
  chat: Chat;
  view: View;
  back: () => void;
  dropped: File[];
}

function Body({ chat, view, back, dropped }: BodyProps) {
  const { cfg, conv, log, me, online } = chat.state;
  const { prechat, contact, callback } = cfg!;
  const isNew = (conv.status ?? 'none') === 'none' && !log.items.length && !log.pending.length;
  const isClosed = online?.hours === false && !!contact;
  if (view === 'callback' && callback) {
    return <Form chat={chat} kind={view} spec={callback} onDone={back} onBack={back} />;
  }
  if (view === 'email' || view === 'phone') return <Prove chat={chat} kind={view} onBack={back} />;
  if (view === 'forget') return <Forget chat={chat} onBack={back} />;
  if (isNew && isClosed) return <Form chat={chat} kind="contact" spec={contact} />;
  if (
    isNew &&
    prechat &&
    !me.prechat &&
    me.level !== 'verified' &&
    chat.state.form?.state !== 'taken'
  ) {
    return <Form chat={chat} kind="prechat" spec={prechat} />;
  }
  return (
    <>
      <Thread chat={chat} />
      {conv.csat && <Rating chat={chat} />}
      <Composer chat={chat} dropped={dropped} />
    </>
  );
}
