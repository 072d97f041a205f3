/**
 * An object that is being made. In a literal a dozen optional parts that are spread cost more than everything else of
 * an answer: V8 then makes a hash table of it, which is slow to make, to copy and to write as JSON.
 */
export type Draft<Made> = { -readonly [Name in keyof Made]: Made[Name] };
