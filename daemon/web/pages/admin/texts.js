// The editor works without it. With it the names can be clicked in, and the preview follows the writing.
"use strict";
(() => {
  const form = document.getElementById("editor"), show = document.getElementById("show");
  if (!form || !show) return;
  const fields = [...form.querySelectorAll("#subject, #preview, #body, .sentence")];
  let field = document.getElementById("body"), waiting = 0, shown = 0;
  for (const one of fields) one.addEventListener("focus", () => { field = one; });
  for (const code of form.querySelectorAll("[data-insert]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = code.textContent;
    button.addEventListener("click", () => {
      field.focus();
      field.setRangeText(code.dataset.insert, field.selectionStart, field.selectionEnd, "end");
      follow();
    });
    code.replaceWith(button);
  }
  // A new frame each time: its first page leaves no step in the browser's history.
  const refresh = () => {
    // What stood there stays until the new one has come.
    const old = document.getElementById("frame"), fresh = old.cloneNode();
    for (const one of document.querySelectorAll("iframe.coming")) one.remove();
    fresh.removeAttribute("id");
    fresh.name = `preview${++shown}`;
    for (const one of form.elements) if (one.formTarget) one.formTarget = fresh.name;
    fresh.className = "coming";
    fresh.addEventListener("load", () => {
      const title = fresh.contentDocument && fresh.contentDocument.title;
      if (!title) return;
      document.getElementById("told").textContent = title;
      if (fresh.className) { old.remove(); fresh.id = "frame"; fresh.className = ""; }
    });
    old.after(fresh);
    form.requestSubmit(show);
  };
  const follow = () => { clearTimeout(waiting); waiting = setTimeout(refresh, 700); };
  document.addEventListener("input", (event) => { if (event.target.form === form && event.target.name !== "why") follow(); });
  refresh();
})();
