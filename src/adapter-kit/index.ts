export * from './adapter.ts';
export * from './vendor-response.ts';
export * from './codec.ts';
export * from './digests.ts';
export * from './conversation.ts';
export * from './fault.ts';
export * from './field.ts';
export * from './json.ts';
export * from './json-pointer.ts';
export * from './profile.ts';
export * from './settings.ts';
export * from './translate.ts';


export * from './exact-json.ts';
export * from './merge-patch.ts';
export * from './field-capability.ts';
