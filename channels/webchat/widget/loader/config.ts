/** What the loader needs of `GET /w/<key>/config`: a part of `PublicConfig` (public.py). */
export interface Config {
  name: string;
  color: string;
  theme: string;
  launcher: string;
  offset: [number, number];
  texts: Record<string, string>;
  rules: Rule[];
  hide: boolean;
  online: { on: boolean };
}

/** When to say `text` first: on pages under `path`, after `seconds` and `scroll` percent. */
export interface Rule {
  id: string;
  text: string;
  path: string;
  seconds: number;
  scroll: number;
  again_days: number;
  online_only: boolean;
}
