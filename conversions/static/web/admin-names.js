// Names which Django's own widgets leave out, for whoever hears the page instead of seeing it.
'use strict';

window.addEventListener('load', () => {
  for (const icon of document.querySelectorAll('.help-tooltip[aria-label]')) {
    icon.setAttribute('role', 'img');
  }
  for (const select of document.querySelectorAll('select.admin-autocomplete')) {
    const label = document.querySelector(`label[for="${select.id}"]`);
    const box = select.parentElement.querySelector('.select2-selection[role="combobox"]');
    if (label && box) {
      const shown = box.querySelector('.select2-selection__rendered');
      label.id = `${select.id}_label`;
      shown.removeAttribute('role'); // a text box inside a combo box would want a name as well
      shown.removeAttribute('aria-readonly');
      box.setAttribute('aria-labelledby', `${label.id} ${shown.id}`);
    }
  }
});
