/** URLs are state: every screen, list, conversation and card has an address. */

import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router';

interface InboxSearch {
  seq?: number;
}

const root = createRootRoute({ component: Outlet });

const index = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/inbox/$view', params: { view: 'mine' } });
  },
});

const inbox = createRoute({
  getParentRoute: () => root,
  path: '/inbox/$view',
  component: lazyRouteComponent(() => import('./InboxScreen'), 'InboxScreen'),
});

const conversation = createRoute({
  getParentRoute: () => root,
  path: '/inbox/$view/$conversation',
  validateSearch: (search: Record<string, unknown>): InboxSearch =>
    search.seq ? { seq: Number(search.seq) } : {},
  component: lazyRouteComponent(() => import('./InboxScreen'), 'InboxScreen'),
});

export const router = createRouter({
  routeTree: root.addChildren([index, inbox, conversation]),
  defaultPreload: 'intent',
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
