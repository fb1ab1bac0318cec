#!/usr/bin/env node
import { compileProgram } from '../program/load-program.ts';
import { begin } from './begin.ts';

const { join } = process.getBuiltinModule('node:path');

/** Entry of the build: `dist/gateway.js`, beside the program. */
await begin(() => compileProgram(join(import.meta.dirname, 'program.cjs')).run());
