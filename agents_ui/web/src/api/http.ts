/** Calls to the hub: a deadline, one retry where it cannot do harm, refusals as typed errors. */

import type { ProblemBody } from './types';

const TIMEOUT_MS = 10_000;
/** Keep-alive connections die while a laptop sleeps: the first calls after a wake fail fast. */
const WAKING_TIMEOUT_MS = 3000;
const WAKING_MS = 10_000;

let wokeAt = -WAKING_MS;

/** Told by the live client when it notices that the machine slept. */
export function noteWake(): void {
  wokeAt = performance.now();
}

let signedOut: () => void = () => {};

/** Called when the hub no longer knows this browser's session. */
export function onSignedOut(listener: () => void): void {
  signedOut = listener;
}

/** A refusal by the hub (RFC 9457). `code` is stable; `message` is for people. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: string;
  readonly status: number;
  /** Members beyond the standard ones, e.g. `entries`, `fields`, `retry_after`. */
  readonly members: Record<string, unknown>;

  constructor(status: number, body: ProblemBody) {
    super(body.detail ?? body.title ?? `HTTP ${status}`);
    this.status = status;
    this.code = body.code ?? `http.${status}`;
    this.members = body;
  }

  /** Messages by field name, from a refusal of a form. */
  get fields(): Record<string, string> {
    const fields = this.members.fields ?? this.members.errors;
    return fields && typeof fields === 'object' ? (fields as Record<string, string>) : {};
  }

  /** Seconds to wait, from a throttled call. */
  get retryAfter(): number {
    return Number(this.members.retry_after ?? 0);
  }
}

/** The hub could not be reached, or did not answer in time. Nobody knows whether it acted. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
  readonly code = 'network.unreachable';
}

export interface CallOptions {
  /** Makes a repeated write harmless, so that it may be retried. */
  idempotencyKey?: string;
  signal?: AbortSignal;
  timeout?: number;
  /** Survives the page being closed. */
  keepalive?: boolean;
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export const api = {
  get: <R>(path: string, options?: CallOptions) => call<R>('GET', path, undefined, options),
  post: <R>(path: string, body?: unknown, options?: CallOptions) =>
    call<R>('POST', path, body, options),
  put: <R>(path: string, body?: unknown, options?: CallOptions) =>
    call<R>('PUT', path, body, options),
  patch: <R>(path: string, body: unknown, options?: CallOptions) =>
    call<R>('PATCH', path, body, options),
  delete: <R = void>(path: string, body?: unknown, options?: CallOptions) =>
    call<R>('DELETE', path, body, options),
};

/** "/api/x" plus the parameters that have a value. */
export function withQuery(
  path: string,
  params: Record<string, string | number | undefined>,
): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (value !== undefined && value !== '') query.set(name, String(value));
  }
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}

async function call<R>(
  method: Method,
  path: string,
  body: unknown,
  options: CallOptions = {},
): Promise<R> {
  const repeatable = method === 'GET' || method === 'PUT' || options.idempotencyKey !== undefined;
  const waking = performance.now() - wokeAt < WAKING_MS;
  const timeout = options.timeout ?? (waking && repeatable ? WAKING_TIMEOUT_MS : TIMEOUT_MS);
  try {
    return await attempt<R>(method, path, body, options, timeout);
  } catch (error) {
    if (!(error instanceof Unreachable) || !repeatable || !navigator.onLine) throw error;
    return await attempt<R>(method, path, body, options, options.timeout ?? TIMEOUT_MS);
  }
}

async function attempt<R>(
  method: Method,
  path: string,
  body: unknown,
  options: CallOptions,
  timeout: number,
): Promise<R> {
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (options.idempotencyKey) headers['Idempotency-Key'] = options.idempotencyKey;
  const deadline = AbortSignal.timeout(timeout);
  const init: RequestInit = {
    method,
    headers,
    credentials: 'same-origin',
    signal: options.signal ? AbortSignal.any([options.signal, deadline]) : deadline,
    keepalive: options.keepalive ?? false,
  };
  if (body !== undefined) init.body = JSON.stringify(body);
  let response: Response;
  let text: string;
  try {
    response = await fetch(path, init);
    text = await response.text();
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new Unreachable('The hub did not answer', { cause: error });
  }
  if (!response.ok) {
    if (response.status === 401 && path !== '/api/session') signedOut();
    throw new Problem(response.status, problemBody(response, text));
  }
  return (text ? JSON.parse(text) : undefined) as R;
}

function problemBody(response: Response, text: string): ProblemBody {
  const retryAfter = response.headers.get('Retry-After');
  const extra = retryAfter ? { retry_after: Number(retryAfter) } : {};
  try {
    return { ...extra, ...(JSON.parse(text) as ProblemBody) };
  } catch {
    return { ...extra, title: response.statusText };
  }
}
