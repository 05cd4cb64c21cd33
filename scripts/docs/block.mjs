/** `text` with the content of a generated block replaced. @throws Error when there is no such block */
export function withBlock(text, block, content) {
  const [start, end] = [`<!-- generated: ${block} -->`, '<!-- end -->'];
  const at = text.indexOf(start);
  if (at < 0) throw new Error(`there is no block "${block}"`);
  const after = text.indexOf(end, at);
  return `${text.slice(0, at + start.length)}\n${content}\n${text.slice(after)}`;
}
