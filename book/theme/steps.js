// The copy button takes the code as it is after the change: steps.css hides the
// removed lines and the folds for the moment in which mdBook reads the text.
document.addEventListener('click', (event) => {
    const button = event.target.closest('.stepdiff .clip-button');
    const code = button?.closest('.stepdiff').querySelector('code');
    if (code) {
        code.classList.add('copying');
        setTimeout(() => code.classList.remove('copying'));
    }
}, true);

// Copying a selection by hand: each line is a box of its own, which browsers
// end with a second newline. The text itself has the right ones.
document.addEventListener('copy', (event) => {
    const selection = document.getSelection();
    const ends = [selection.anchorNode, selection.focusNode];
    const [start, end] = ends.map((node) => node?.parentElement?.closest('.stepdiff'));
    if (start && start === end) {
        event.clipboardData.setData('text/plain', selection.getRangeAt(0).toString());
        event.preventDefault();
    }
});

// A keyboard scrolls only what it can reach.
const reach = () => {
    for (const part of document.querySelectorAll('pre > code, .table-wrapper')) {
        if (part.scrollWidth > part.clientWidth) {
            part.tabIndex = 0;
        }
    }
};
addEventListener('load', reach);
addEventListener('resize', reach);
// What is folded has no width until it opens.
document.addEventListener('toggle', reach, true);

// On a phone a cell of a wide table says of which column it is.
for (const table of document.querySelectorAll('main table')) {
    const names = [...table.querySelectorAll('thead th')].map((name) => name.textContent.trim());
    table.classList.toggle('many', names.length > 4);
    for (const cell of table.querySelectorAll('tbody td')) {
        cell.dataset.column = names[cell.cellIndex];
    }
}

// mdBook says of this label whether the sidebar is expanded, as of a button.
document.getElementById('mdbook-sidebar-toggle')?.setAttribute('role', 'button');
