import { IconExternalLink, IconUserQuestion } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { api } from '@/api/http';
import type { Claim, Id, Visitor } from '@/api/types';
import { useConversation, useMay } from '@/entities/live';
import { listTime, shortDateTime } from '@/lib/format';
import { tMaybe } from '@/lib/i18n';
import { useNow } from '@/ui/clock';
import { useT } from '@/ui/i18n';
import { toastDone, toastError } from '@/ui/toast';
import { Section } from './Section';
import css from './visitor.module.css';

interface VisitorSectionProps {
  cardId: Id;
  conversationId: Id;
}

const PAGES = 6;

/** What a visitor of the site says of themselves and did there. Nothing of it is proved. */
export function VisitorSection({ cardId, conversationId }: VisitorSectionProps) {
  const t = useT();
  const now = useNow();
  const conversation = useConversation(conversationId);
  const isVisitor = conversation?.channels.includes('webchat') ?? false;
  const { data, refetch } = useQuery({
    queryKey: ['visitor', conversationId, conversation?.last_seq],
    queryFn: () => api.get<Visitor>(`/api/conversations/${conversationId}/visitor`),
    placeholderData: (before, query) =>
      query?.queryKey[1] === conversationId ? before : undefined,
    enabled: isVisitor,
  });
  if (!data) return null;
  const { claims, pages, forms } = data;
  if (claims.length + pages.length + forms.length === 0) return null;
  return (
    <Section title={t('visitor.title')}>
      {claims.length > 0 && (
        <div className={css.claims}>
          {claims.map((claim) => (
            <ClaimLine
              key={claim.id}
              claim={claim}
              cardId={cardId}
              onSettled={() => void refetch()}
            />
          ))}
          <p className={css.hint}>{t('visitor.claim_hint')}</p>
        </div>
      )}
      {pages.length > 0 && (
        <>
          <h4 className={css.head}>{t('visitor.pages')}</h4>
          <ul className={css.pages}>
            {pages.slice(0, PAGES).map((page, at) => (
              <li key={at}>
                <a href={webOnly(page.url)} target="_blank" rel="noreferrer noopener">
                  {page.title || page.url}
                  <IconExternalLink size={12} aria-hidden />
                </a>
                <time dateTime={page.at} title={shortDateTime(page.at)}>
                  {listTime(page.at, now)}
                </time>
                {page.referrer && (
                  <small>{t('visitor.from', { site: hostOf(page.referrer) })}</small>
                )}
              </li>
            ))}
          </ul>
        </>
      )}
      {forms.map((form, at) => (
        <div key={at}>
          <h4 className={css.head}>
            {tMaybe(`visitor.form.${form.form}`, form.form)}
            <time dateTime={form.at}>{listTime(form.at, now)}</time>
          </h4>
          <dl className={css.form}>
            {Object.entries(form.values)
              .filter(([, value]) => value !== '')
              .map(([name, value]) => (
                <div key={name}>
                  <dt>{tMaybe(`visitor.field.${name}`, name)}</dt>
                  <dd>{name.startsWith('window_') ? moment(value) : value}</dd>
                </div>
              ))}
          </dl>
        </div>
      ))}
    </Section>
  );
}

interface ClaimLineProps {
  claim: Claim;
  cardId: Id;
  onSettled: () => void;
}

function ClaimLine({ claim, cardId, onSettled }: ClaimLineProps) {
  const t = useT();
  const mayChange = useMay('card.update');
  const { id, value, kind } = claim;
  const settle = (work: Promise<unknown>, done: string | null) => {
    work.then(
      () => {
        if (done) toastDone(done);
        onSettled();
      },
      (error: unknown) => toastError(t('visitor.settle_failed'), error),
    );
  };
  return (
    <div className={css.claim}>
      <IconUserQuestion size={18} stroke={1.6} aria-hidden />
      <span>{t('visitor.claim', { value })}</span>
      {mayChange && kind !== 'name' && (
        <button
          type="button"
          onClick={() =>
            settle(
              api.post(`/api/claims/${id}/accept`, { card_id: cardId }),
              t('visitor.accepted', { value }),
            )
          }
        >
          {t('visitor.accept')}
        </button>
      )}
      {mayChange && (
        <button type="button" onClick={() => settle(api.delete(`/api/claims/${id}`), null)}>
          {t('visitor.dismiss')}
        </button>
      )}
    </div>
  );
}

const webOnly = (url: string): string | undefined => (/^https?:\/\//.test(url) ? url : undefined);

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}

function moment(text: string): string {
  return Number.isNaN(Date.parse(text)) ? text : shortDateTime(text);
}
