let segmenter: Intl.Segmenter | undefined;

/** Latin letters, punctuation, arrows, box drawing, check marks, spinners: each is a grapheme of its own. */
// oxlint-disable-next-line no-control-regex -- control characters stand alone too
const plain = /^[\x00-\u02ff\u2010-\u2027\u2190-\u28ff]*$/;

/**
 * The characters of a text as a reader counts them: a letter with its accents, a whole emoji. Except that CR LF are two.
 *
 * The segmenter is made when a text needs it: that takes 10 ms, and a command's whole start no more than 150.
 */
export function graphemes(text: string): readonly string[] {
  if (plain.test(text)) return text.split("");
  segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}
