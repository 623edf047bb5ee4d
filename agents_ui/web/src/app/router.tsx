/** URLs are state: every screen, list, conversation and card has an address. */

import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import { loadPart } from '@/lib/i18n';
import { Gate } from './Gate';
import { NotFound } from './NotFound';
import { Shell } from './Shell';

interface InboxSearch {
  seq?: number;
}

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound });

const setup = createRoute({
  getParentRoute: () => root,
  path: '/setup',
  component: lazyRouteComponent(() => import('./PublicScreens'), 'SetupScreen'),
});
const link = createRoute({
  getParentRoute: () => root,
  path: '/link',
  component: lazyRouteComponent(() => import('./PublicScreens'), 'LinkScreen'),
});

const signedIn = createRoute({
  getParentRoute: () => root,
  id: 'signed-in',
  component: () => (
    <Gate>
      <Shell />
    </Gate>
  ),
});

const index = createRoute({
  getParentRoute: () => signedIn,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/inbox/$view', params: { view: 'mine' }, replace: true });
  },
});

const inboxScreen = lazyRouteComponent(() => import('./InboxScreen'), 'InboxScreen');
const inbox = createRoute({
  getParentRoute: () => signedIn,
  path: '/inbox/$view',
  component: inboxScreen,
});
const conversation = createRoute({
  getParentRoute: () => signedIn,
  path: '/inbox/$view/$conversation',
  validateSearch: (search: Record<string, unknown>): InboxSearch =>
    Number(search.seq) > 0 ? { seq: Number(search.seq) } : {},
  component: inboxScreen,
});
const byNumber = createRoute({
  getParentRoute: () => signedIn,
  path: '/c/$number',
  component: lazyRouteComponent(() => import('./ByNumber'), 'ByNumber'),
});
const compose = createRoute({
  getParentRoute: () => signedIn,
  path: '/new',
  validateSearch: (search: Record<string, unknown>): { card?: string } =>
    typeof search.card === 'string' ? { card: search.card } : {},
  component: lazyRouteComponent(async () => {
    const [screen] = await Promise.all([import('./ComposeScreen'), loadPart('chat')]);
    return screen;
  }, 'ComposeScreen'),
});

const cardsScreen = lazyRouteComponent(async () => {
  const [screen] = await Promise.all([import('./CardsScreen'), loadPart('chat')]);
  return screen;
}, 'CardsScreen');
const cards = createRoute({
  getParentRoute: () => signedIn,
  path: '/clients',
  component: cardsScreen,
});
const card = createRoute({
  getParentRoute: () => signedIn,
  path: '/clients/$card',
  component: cardsScreen,
});

const callbacks = createRoute({
  getParentRoute: () => signedIn,
  path: '/callbacks',
  component: lazyRouteComponent(async () => {
    const [screen] = await Promise.all([import('./CallbacksScreen'), loadPart('chat')]);
    return screen;
  }, 'CallbacksScreen'),
});

const search = createRoute({
  getParentRoute: () => signedIn,
  path: '/search',
  validateSearch: (raw: Record<string, unknown>): { q: string } => ({
    q: typeof raw.q === 'string' || typeof raw.q === 'number' ? String(raw.q) : '',
  }),
  component: lazyRouteComponent(() => import('./SearchScreen'), 'SearchScreen'),
});

const profile = createRoute({
  getParentRoute: () => signedIn,
  path: '/profile',
  component: lazyRouteComponent(() => import('@/features/profile'), 'ProfilePage'),
});

const settingsScreen = lazyRouteComponent(async () => {
  const [screen] = await Promise.all([
    import('./SettingsScreen'),
    loadPart('admin'),
    loadPart('chat'),
  ]);
  return screen;
}, 'SettingsScreen');
const settings = createRoute({
  getParentRoute: () => signedIn,
  path: '/settings',
  component: settingsScreen,
});
const settingsPage = createRoute({
  getParentRoute: () => signedIn,
  path: '/settings/$page',
  component: settingsScreen,
});

export const router = createRouter({
  routeTree: root.addChildren([
    setup,
    link,
    signedIn.addChildren([
      index,
      inbox,
      conversation,
      byNumber,
      compose,
      cards,
      card,
      callbacks,
      search,
      profile,
      settings,
      settingsPage,
    ]),
  ]),
  defaultPreload: 'intent',
  scrollRestoration: false,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
