// Written by `npm run generate` from the folders beside this file.
import type { Adapter } from '../src/adapter-kit/index.ts';
import iam from './iam/index.ts';
import naver from './naver/index.ts';
import nerm from './nerm/index.ts';
import senlin from './senlin/index.ts';

/** Every vendor's adapter, by folder. */
export const adapters: readonly Adapter[] = [iam, naver, nerm, senlin];
