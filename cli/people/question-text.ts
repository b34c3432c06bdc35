/** A prompt as a person reads it: without the fences that tell a model where data begins and ends. */
export function questionText(prompt: string): string {
  return prompt
    .replaceAll(/<untrusted-data>\n?([\s\S]*?)\n?<\/untrusted-data>/g, "$1")
    .replaceAll(/&lt;(?=\/?untrusted-data)/g, "<")
    .trim();
}
