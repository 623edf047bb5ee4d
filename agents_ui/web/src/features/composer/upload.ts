import { Problem } from '@/api/http';
import type { ProblemBody, Upload } from '@/api/types';

export interface UploadCall {
  done: Promise<Upload>;
  abort: () => void;
}

/** Send a file to the hub. `fetch` tells nothing of its progress, so this is the older call. */
export function upload(file: File, onProgress: (share: number) => void): UploadCall {
  const request = new XMLHttpRequest();
  const done = new Promise<Upload>((resolve, reject) => {
    request.open('POST', `/api/uploads?filename=${encodeURIComponent(file.name || 'file')}`);
    request.setRequestHeader('Content-Type', file.type || 'application/octet-stream');
    request.responseType = 'text';
    request.upload.onprogress = ({ loaded, total }) => onProgress(total === 0 ? 0 : loaded / total);
    request.onload = () => {
      if (request.status === 201) resolve(JSON.parse(request.responseText) as Upload);
      else reject(new Problem(request.status, problemOf(request.responseText)));
    };
    request.onerror = () => reject(new Error('network'));
    request.onabort = () => reject(new DOMException('aborted', 'AbortError'));
    request.send(file);
  });
  return { done, abort: () => request.abort() };
}

function problemOf(text: string): ProblemBody {
  try {
    return JSON.parse(text) as ProblemBody;
  } catch {
    return {};
  }
}
