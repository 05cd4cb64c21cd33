/** Building HTML as text. What comes from data goes through `escapeHtml`, always. */

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Fit for text and for attributes in quotes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/** A name with places where a narrow column may break it: after `/`, `-` and `_`. */
export function breakable(name: string): string {
  return escapeHtml(name).replace(/[/\-_]/g, '$&<wbr>');
}

/** A section with a heading; nothing where there is nothing to say. */
export function section(id: string, title: string, body: string): string {
  return body === '' ? '' : `<section id="${id}">\n<h2>${escapeHtml(title)}</h2>\n${body}\n</section>`;
}

/** A table that may be wider than the page: it scrolls, the page does not. */
export function scrolling(label: string, table: string): string {
  return `<div class="scroll" role="region" aria-label="${escapeHtml(label)}" tabindex="0">\n${table}\n</div>`;
}
