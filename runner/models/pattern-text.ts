/** From 0 up to but not including 1. */
type Unit = () => number;

/** Longest repetition that is made where a pattern sets no bound. */
const openEnd = 8;

/**
 * Text that matches a regular expression, for the constructs people use in types: literals, classes,
 * groups, alternatives, quantifiers, `\d \w \s`, anchors. Undefined for anything else; the caller checks the result
 * against the pattern, so a construct read wrongly is no wrong answer.
 */
export function textMatching(pattern: string, unit: Unit): string | undefined {
  const reader = new PatternReader(pattern, unit);
  const text = reader.alternatives();
  return reader.finished() ? text : undefined;
}

const digits = "0123456789";
const letters = "abcdefghijklmnopqrstuvwxyz";
const classes: { readonly [escape: string]: string } = {
  d: digits,
  w: letters + digits,
  s: " ",
  D: letters,
  W: "-",
  S: letters,
};

class PatternReader {
  readonly pattern: string;
  readonly unit: Unit;
  at = 0;
  failed = false;

  constructor(pattern: string, unit: Unit) {
    this.pattern = pattern;
    this.unit = unit;
  }

  finished(): boolean {
    return !this.failed && this.at === this.pattern.length;
  }

  alternatives(): string {
    const choices = [this.sequence()];
    while (this.take("|")) choices.push(this.sequence());
    return this.pick(choices) ?? "";
  }

  sequence(): string {
    let text = "";
    while (this.at < this.pattern.length && !"|)".includes(this.peek()) && !this.failed) {
      const start = this.at;
      const once = this.atom();
      const count = this.count();
      for (let index = 0; index < count; index += 1) {
        // Each repetition is made anew, so that `[a-z]{8}` is a word and not one letter eight times.
        text += index === 0 ? once : this.again(start);
      }
    }
    return text;
  }

  again(start: number): string {
    const end = this.at;
    this.at = start;
    const text = this.atom();
    this.at = end;
    return text;
  }

  atom(): string {
    const next = this.next();
    switch (next) {
      case "^":
      case "$":
        return "";
      case ".":
        return this.pick(letters.split("")) ?? "";
      case "[":
        return this.characterClass();
      case "(": {
        if (this.take("?")) {
          const named = /^<[A-Za-z_]\w*>/.exec(this.pattern.slice(this.at))?.[0];
          if (named !== undefined) this.at += named.length;
          else if (!this.take(":")) this.failed = true;
        }
        const text = this.alternatives();
        if (!this.take(")")) this.failed = true;
        return text;
      }
      case "\\": {
        const escaped = this.next();
        if (classes[escaped] !== undefined) return this.pick([...classes[escaped]]) ?? "";
        if (/[a-zA-Z0-9]/.test(escaped)) this.failed = true;
        return escaped;
      }
      default:
        return next;
    }
  }

  characterClass(): string {
    const negated = this.take("^");
    const members: string[] = [];
    while (this.at < this.pattern.length && this.peek() !== "]") {
      const first = this.next();
      if (first === "\\") {
        const escaped = this.next();
        members.push(...(classes[escaped] ?? escaped));
      } else if (this.peek() === "-" && this.pattern[this.at + 1] !== "]") {
        this.at += 1;
        const last = this.next().charCodeAt(0);
        for (let code = first.charCodeAt(0); code <= last; code += 1)
          members.push(String.fromCharCode(code));
      } else members.push(first);
    }
    if (!this.take("]")) this.failed = true;
    const allowed = negated
      ? [...(letters + digits)].filter((member) => !members.includes(member))
      : members;
    const plain = allowed.filter((member) => /[a-z0-9]/.test(member));
    return this.pick(plain.length > 0 ? plain : allowed) ?? "";
  }

  /** How often to repeat what was just read. */
  count(): number {
    let from = 1;
    let to = 1;
    if (this.take("*")) [from, to] = [0, openEnd];
    else if (this.take("+")) [from, to] = [1, openEnd];
    else if (this.take("?")) [from, to] = [0, 1];
    else {
      const braces = /^\{(\d+)(,?)(\d*)\}/.exec(this.pattern.slice(this.at));
      if (braces === null) return 1;
      this.at += braces[0].length;
      from = Number(braces[1]);
      to = braces[2] === "" ? from : braces[3] === "" ? from + openEnd : Number(braces[3]);
    }
    this.take("?");
    // Rather long than short: an id of one letter is legal and looks odd.
    const low = Math.max(from, Math.min(to, 3));
    return low + Math.floor(this.unit() * (Math.min(to, low + openEnd) - low + 1));
  }

  pick<T>(choices: readonly T[]): T | undefined {
    return choices[Math.floor(this.unit() * choices.length)];
  }

  peek(): string {
    return this.pattern[this.at] ?? "";
  }

  next(): string {
    const character = this.peek();
    this.at += 1;
    return character;
  }

  take(text: string): boolean {
    if (this.peek() !== text) return false;
    this.at += 1;
    return true;
  }
}
