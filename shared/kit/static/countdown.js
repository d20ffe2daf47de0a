// Counts the seconds in [data-countdown] down to 0. The page says the same
// without this script; it says it once.
for (const seconds of document.querySelectorAll("[data-countdown]")) {
  const end = Date.now() + Number(seconds.textContent) * 1000;
  const timer = setInterval(() => {
    const left = Math.max(0, Math.round((end - Date.now()) / 1000));
    seconds.textContent = left;
    if (left === 0) clearInterval(timer);
  }, 1000);
}

// Back shows a page as it was left, also after a logout, whatever its Cache-Control
// says. So ask for it again.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
