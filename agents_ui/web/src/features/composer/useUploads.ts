import { useEffect, useRef, useState } from 'react';
import type { Upload } from '@/api/types';
import { upload, type UploadCall } from './upload';

/** A file on its way to the hub. */
export interface Uploading {
  key: string;
  file: File;
  share: number;
  error: unknown;
}

export interface Uploads {
  waiting: readonly Uploading[];
  busy: boolean;
  add: (files: readonly File[]) => void;
  retry: (key: string) => void;
  cancel: (key: string) => void;
}

/** Files being uploaded, each with its progress; `onDone` gets what the hub made of it. */
export function useUploads(onDone: (upload: Upload) => void): Uploads {
  const [waiting, setWaiting] = useState<readonly Uploading[]>([]);
  const calls = useRef(new Map<string, UploadCall>());
  const done = useRef(onDone);
  useEffect(() => {
    done.current = onDone;
  }, [onDone]);
  useEffect(() => {
    const open = calls.current;
    return () => {
      for (const call of open.values()) call.abort();
    };
  }, []);
  const change = (key: string, part: Partial<Uploading>) =>
    setWaiting((all) => all.map((one) => (one.key === key ? { ...one, ...part } : one)));
  const drop = (key: string) => {
    calls.current.delete(key);
    setWaiting((all) => all.filter((one) => one.key !== key));
  };
  const start = ({ key, file }: Uploading) => {
    const call = upload(file, (share) => change(key, { share }));
    calls.current.set(key, call);
    call.done.then(
      (made) => {
        drop(key);
        done.current(made);
      },
      (error: unknown) => {
        if (error instanceof DOMException) drop(key);
        else change(key, { error });
      },
    );
  };
  return {
    waiting,
    busy: waiting.some(({ error }) => error === null),
    add: (files) => {
      const added = files.map((file) => ({
        key: crypto.randomUUID(),
        file,
        share: 0,
        error: null,
      }));
      setWaiting((all) => [...all, ...added]);
      added.forEach(start);
    },
    retry: (key) => {
      const one = waiting.find((other) => other.key === key);
      if (!one) return;
      change(key, { error: null, share: 0 });
      start(one);
    },
    cancel: (key) => {
      calls.current.get(key)?.abort();
      drop(key);
    },
  };
}
