// Ctrl-Enter in the answer: send, and go on with the next person.
addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  const form = event.target.closest?.("form#answer");
  const button = form?.querySelector("[data-send-next]");
  if (!button) return;
  event.preventDefault();
  form.requestSubmit(button);
});
