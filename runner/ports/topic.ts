/** Whether a topic fits a pattern: segments between dots, `*` for any one of them, `**` at the end for all the rest. */
export function topicMatches(pattern: string, topic: string): boolean {
  if (pattern === topic) return true;
  const wanted = pattern.split(".");
  const given = topic.split(".");
  for (const [index, segment] of wanted.entries()) {
    if (segment === "**") return given.length > index;
    if (given[index] === undefined || (segment !== "*" && segment !== given[index])) return false;
  }
  return wanted.length === given.length;
}
