import { expect, it } from 'vitest';
import { segments, signatureFold } from '@/entities/message/folds';
import { signed, unsigned } from '@/entities/message/signature';

it('comes back as it was written', () => {
  const text = signed('Da, livrăm vineri.\n', 'Ana Ceban\nPunte SRL');
  expect(text).toBe('Da, livrăm vineri.\n\n-- \nAna Ceban\nPunte SRL');
  expect(unsigned(text, 'Ana Ceban\nPunte SRL')).toBe('Da, livrăm vineri.');
  expect(unsigned(text, 'Ion')).toBe(text);
  expect(signed('Da', ' ')).toBe('Da');
});

it('is folded in our own messages, counted in code points', () => {
  const text = signed('👍 da', 'Ana');
  expect(segments(text, signatureFold(text))).toMatchObject([
    { kind: 'text', text: '👍 da' },
    { kind: 'signature', text: '-- \nAna' },
  ]);
  expect(signatureFold('fără semnătură')).toEqual([]);
});
