import type * as z from 'zod/mini';

/**
 * Makes a value when it is first needed and keeps it. Schemas are made this way: all of them
 * together take most of the processor time of a Worker's start, and most requests need few.
 */
export function lazily<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** Type of the values that a lazy schema accepts. */
export type SchemaValue<S extends () => z.core.$ZodType> = z.infer<ReturnType<S>>;
