/** How wide text is on a terminal, so that carets stand under what they mean. */

const tabStop = 4;

let segmenter: Intl.Segmenter | undefined;

/** Made when the first text is shown: it reads tables of Unicode for longer than a file takes to parse. */
function graphemes(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  return segmenter.segment(text);
}

/** A line as it is shown, and the column at which each of its UTF-16 units begins. */
export interface ShownLine {
  readonly text: string;
  /** One longer than the line: the last entry is where it ends. */
  readonly columns: readonly number[];
}

/** Tabs become spaces up to the next stop; control characters become visible, so none reaches the terminal. */
export function showLine(line: string): ShownLine {
  if (isPlain(line))
    return { text: line, columns: Array.from({ length: line.length + 1 }, (_, at) => at) };
  const columns: number[] = [];
  let text = "";
  let column = 0;
  for (const { segment } of graphemes(line)) {
    const shown =
      segment === "\t"
        ? " ".repeat(tabStop - (column % tabStop))
        : segment.replace(controls, picture);
    for (let unit = 0; unit < segment.length; unit++) columns.push(column);
    text += shown;
    column += segment === "\t" ? shown.length : widthOfGrapheme(shown);
  }
  columns.push(column);
  return { text, columns };
}

/** Whether each unit is a letter of one column. Taking text apart by graphemes takes long. */
function isPlain(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}

/** The letters as a reader counts them: with their marks, and a family of emoji as one. */
export function lettersOf(text: string): string[] {
  if (isPlain(text)) return [...text];
  return Array.from(graphemes(text), ({ segment }) => segment);
}

export function widthOf(text: string): number {
  if (isPlain(text)) return text.length;
  return lettersOf(text).reduce((width, letter) => width + widthOfGrapheme(letter), 0);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a terminal
const controls = /[\u0000-\u001f\u007f-\u009f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** Unicode has a picture for each of the first 32; others get the replacement character. */
function picture(control: string): string {
  const code = control.charCodeAt(0);
  return code < 0x20 ? String.fromCharCode(0x2400 + code) : "\uFFFD";
}

const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]|[\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\ufe0f/u;
const zero = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;

/** Two columns for East Asian wide letters and emoji (UAX 11), none for marks alone, one for the rest. */
function widthOfGrapheme(grapheme: string): number {
  if (grapheme.length === 1 && grapheme < "\u0300") return 1;
  if (zero.test(grapheme)) return 0;
  return wide.test(grapheme) ? 2 : 1;
}
