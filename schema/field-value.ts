/** A value as TypeScript holds it: dates as ns since 1970, JSON fields as parsed JSON where they are JSON. */
export type FieldValue = string | bigint | number | boolean | null | object;

/** JSON text, parsed where it is JSON. */
export function jsonOrText(text: string): FieldValue {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
