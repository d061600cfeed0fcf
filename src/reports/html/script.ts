/** Filter and copy buttons. The page is complete without it, so both are hidden until it runs. */
export const script = `
'use strict';
for (const part of document.querySelectorAll('[data-script]')) part.hidden = false;
const cards = [...document.querySelectorAll('[data-severity]')];
const words = document.getElementById('words');
const boxes = [...document.querySelectorAll('[data-level]')];
const count = document.getElementById('shown');
function filter() {
  const wanted = words.value.toLowerCase().split(' ').filter(Boolean);
  const levels = new Set(boxes.filter((box) => box.checked).map((box) => box.dataset.level));
  let shown = 0;
  for (const card of cards) {
    const text = card.textContent.toLowerCase();
    card.hidden = !levels.has(card.dataset.severity) || !wanted.every((word) => text.includes(word));
    if (!card.hidden) shown += 1;
  }
  count.textContent = shown + ' of ' + cards.length + ' shown';
}
if (words) {
  words.addEventListener('input', filter);
  for (const box of boxes) box.addEventListener('change', filter);
  filter();
}
for (const button of document.querySelectorAll('button[data-copy]')) {
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(button.previousElementSibling.textContent);
      button.textContent = 'Copied';
    } catch {
      getSelection().selectAllChildren(button.previousElementSibling);
      button.textContent = 'Selected';
    }
    setTimeout(() => { button.textContent = 'Copy'; }, 2000);
  });
}
`;
