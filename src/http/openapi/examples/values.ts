/** Values that examples of the API document share. */
export const EXAMPLE_UUID = '7fa81c2e-93d4-4b6a-8f05-2c1d9e7b4a60';
export const EXAMPLE_TIME = '2026-03-01T09:30:00.000Z';
export const EXAMPLE_VERSION = '830610fea4bfa38e';
/** A target of no vendor in particular. */
export const TARGET = { target: 'people-eu', vendor: 'example' } as const;
