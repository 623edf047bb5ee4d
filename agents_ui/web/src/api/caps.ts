/** What a channel can carry: the hub sends it as a plain object (`inbox.contract.Capabilities`). */

/** How well a channel carries something: -2 refused, -1 dropped, 0 as plain text, 1 in part, 2 whole. */
export type Level = number;

export interface MediaCaps {
  max_bytes: number;
  max_caption: number;
  per_message: number;
  /** Such as `image/png`, `image/*`; none is anything. */
  mimes: string[];
}

/** What a channel can carry. */
export interface Caps {
  text_max: number;
  text_unit: 'codepoints' | 'utf16' | 'sms_segments' | 'bytes';
  text_split: boolean;
  formatting: Record<string, Level>;
  media: Record<string, MediaCaps>;
  subject: boolean;
  copies: boolean;
  html: boolean;
  /** An answer can name the message it is to. */
  reply: boolean;
  edit: boolean;
  edit_seconds: number | null;
  delete: boolean;
  delete_seconds: number | null;
  reactions: number;
  allowed_reactions: string[] | null;
  buttons: number;
  metered: boolean;
  undo_seconds: number;
  typing_out: boolean;
  window_seconds: number | null;
  groups: boolean;
}
