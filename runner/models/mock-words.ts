/** From 0 up to but not including 1. */
type Unit = () => number;

const sentences = [
  "The main point about {topic} is clear.",
  "{Topic} works best when it is kept simple.",
  "Two sources agree on {topic}; one is undecided.",
  "Start with {topic}, then check the details.",
  "What matters most here is {topic}.",
  "A short look at {topic} shows steady progress.",
  "There is one open question about {topic}.",
  "In short: {topic} is ready to use.",
];

const skipped = new Set(
  "the a an and or of to in on for with your you about this that these those is are be was were it its from by as at into one each what which who how not none yet they them their must write read give make question task text brief topic feedback greet welcome there here more most have has had been will would can could should than then when where only very such just like please true false".split(
    " ",
  ),
);

const greetings = [
  "Hello {topic}, how good to see you!",
  "Welcome, {topic}! Make yourself at home.",
];

/** Ordinary words of the prompt, names first, so that a mock answer seems to be about something. */
export function topicsOf(prompt: string): readonly string[] {
  // Fences and addresses are no subject.
  const plain = prompt.replace(/<[^>]*>|https?:\S+/g, " ");
  const words = [...plain.matchAll(/\p{L}[\p{L}\p{N}'-]{2,}/gu)];
  const kept = words.filter(([word]) => !skipped.has(word.toLowerCase()));
  const names = kept.filter(
    ({ 0: word, index }) => /^\p{Lu}/u.test(word) && /[\p{L},;:] $/u.test(plain.slice(0, index)),
  );
  const rest = kept.filter((word) => !names.includes(word));
  return [...new Set([...names, ...rest].map(([word]) => word))].slice(0, 40);
}

/** What a model would say in one line of plain text. */
export function plainAnswer(prompt: string, unit: Unit): string {
  const topics = topicsOf(prompt);
  const greeting = greetings[Math.floor(unit() * greetings.length)] ?? "";
  if (/\b(greet|welcome|say hello)/i.test(prompt))
    return greeting.replace("{topic}", topics[0] ?? "there");
  return sentencesAbout(topics.slice(0, 4), unit, 1);
}

/** One to three sentences about the topics. */
export function sentencesAbout(topics: readonly string[], unit: Unit, count: number): string {
  const parts: string[] = [];
  const start = Math.floor(unit() * sentences.length);
  for (let index = 0; index < count; index += 1) {
    const sentence = sentences[(start + index * 3) % sentences.length] ?? "";
    const topic = topics[Math.floor(unit() * topics.length)] ?? "the subject";
    parts.push(
      sentence
        .replace("{topic}", topic)
        .replace("{Topic}", topic.charAt(0).toUpperCase() + topic.slice(1)),
    );
  }
  return parts.join(" ");
}

/** At most `limit` characters, cut between words where that is possible. */
export function shorten(text: string, limit: number): string {
  const characters = [...text];
  if (characters.length <= limit) return text;
  const cut = characters.slice(0, limit).join("");
  const space = cut.lastIndexOf(" ");
  return space > limit / 2 ? cut.slice(0, space) : cut;
}
