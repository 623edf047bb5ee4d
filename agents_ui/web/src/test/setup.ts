import { cleanup } from '@testing-library/react';
import { afterEach } from 'vitest';
import { loadPart } from '@/lib/i18n';

await loadPart('chat');

afterEach(cleanup);
