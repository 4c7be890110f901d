/**
 * Byte-level text, as GPT-2 introduced it (Radford et al. 2019): every byte of UTF-8 is written as one
 * printable character, so that a vocabulary of 256 characters can say anything.
 */

/** The character for each byte: itself where it is printable Latin-1, else the next one from U+0100 on. */
export const byteCharacters: readonly string[] = characters();

/** Words, numbers and punctuation with the space before them; the split that GPT-2 made. */
const pieces = /'(?:s|t|re|ve|m|ll|d)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;

/** The pieces of a text inside which tokens are made. Joined they are the text. */
export function piecesOf(text: string): readonly string[] {
  return text.match(pieces) ?? [];
}

function characters(): readonly string[] {
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => {
    const isPrintable =
      (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte < 0x100 && byte !== 0xad);
    return String.fromCharCode(isPrintable ? byte : next++);
  });
}
