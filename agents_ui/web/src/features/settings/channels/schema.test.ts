import { describe, expect, it } from 'vitest';
import type { AccountKind } from '@/api/types';
import { blamed, configFrom, fieldsOf, initialValues, missing, secretsOfKind } from './schema';

const kind: AccountKind = {
  provider: 'sms.twilio',
  kind: 'sms',
  secrets: ['auth_token'],
  presets: {},
  schema: {
    required: ['address'],
    'x-secrets': [{ name: 'auth_token', title: 'Auth token', help: 'Signs', required: true }],
    properties: {
      address: { type: 'string', title: 'Sender', maxLength: 32 },
      smart: { type: 'string', enum: ['off', 'suggest'], default: 'suggest' },
      per_second: { type: 'number', minimum: 0.1, default: 10 },
      window: { type: ['integer', 'null'] },
      allow_private: { type: 'boolean', default: false },
      prices: { type: 'array', default: [], items: { properties: { price: { type: 'string' } } } },
      origins: { type: 'array', items: { type: 'string' } },
      preset: { type: 'object' },
    },
  },
};

describe('a form of a schema', () => {
  const fields = fieldsOf(kind);

  it('has a control for every kind of value', () => {
    expect(fields.map((field) => [field.name, field.kind])).toEqual([
      ['address', 'text'],
      ['smart', 'choice'],
      ['per_second', 'number'],
      ['window', 'number'],
      ['allow_private', 'switch'],
      ['prices', 'rows'],
      ['origins', 'lines'],
      ['preset', 'json'],
    ]);
    expect(secretsOfKind(kind)[0]).toMatchObject({ title: 'Auth token', required: true });
  });

  it('sends what was filled in, and nothing for what was not', () => {
    const values = { ...initialValues(fields), address: ' +37369123456 ' };
    expect(configFrom(fields, values)).toEqual({
      address: '+37369123456',
      smart: 'suggest',
      per_second: 10,
      allow_private: false,
      prices: [],
      origins: [],
    });
  });

  it('says what is missing', () => {
    expect(missing(fields, initialValues(fields))).toEqual(['address']);
  });

  it('puts a refusal to the field it names', () => {
    expect(blamed('address: write a number', fields)).toEqual({
      name: 'address',
      why: 'write a number',
    });
    expect(blamed('preset.send.url: no such value', fields)).toEqual({
      name: 'preset',
      why: 'preset.send.url: no such value',
    });
    expect(blamed('The server is away', fields)).toBeNull();
  });
});
