// Names which Django's own widgets leave out, for whoever hears the page instead of seeing it.
'use strict';

function nameIcons() {
  for (const icon of document.querySelectorAll('.help-tooltip[aria-label]')) {
    icon.setAttribute('role', 'img');
  }
}

function nameBoxes() {
  for (const select of document.querySelectorAll('select.admin-autocomplete')) {
    const label = document.querySelector(`label[for="${select.id}"]`);
    const box = select.parentElement.querySelector('.select2-selection[role="combobox"]');
    if (label && box) {
      const shown = box.querySelector('.select2-selection__rendered');
      shown.removeAttribute('role'); // a text box inside a combo box would want a name as well
      shown.removeAttribute('aria-readonly');
      label.id = `${select.id}_label`;
      box.setAttribute('aria-labelledby', `${label.id} ${shown.id}`);
    }
  }
}

// Each after the script of Django's that draws them: one waits for the load, the other for jQuery.
window.addEventListener('load', nameIcons);
if (window.django?.jQuery) {
  window.django.jQuery(nameBoxes);
}
