import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { Problem } from '@/api/http';
import { later } from '@/ui/lazy';
import { theme, variables } from '@/ui/theme';
import { router } from './router';

const Toasts = later(async () => (await import('@/ui/Toasts')).Toasts);

/** A refusal will be one again; only a broken connection is worth a second try. */
const worthRetrying = (failures: number, error: Error) =>
  failures < 1 && !(error instanceof Problem && error.status < 500);

/** The page's policy allows only styles that carry the nonce of this very page. */
const nonce = document.querySelector<HTMLMetaElement>('meta[property=csp-nonce]')?.nonce ?? '';
Object.assign(globalThis, { __webpack_nonce__: nonce }); // where Mantine's scroll lock looks for it

const queries = new QueryClient({
  defaultOptions: { queries: { retry: worthRetrying, staleTime: 15_000 } },
});

export function App() {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={variables}
      defaultColorScheme="auto"
      getStyleNonce={() => nonce}
    >
      <QueryClientProvider client={queries}>
        <Toasts />
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  );
}
