// The editor works without it. With it the names can be clicked in, and the preview follows the writing.
"use strict";
(() => {
  const form = document.getElementById("editor"), show = document.getElementById("show");
  if (!form || !show) return;
  const fields = [...form.querySelectorAll("#subject, #preview, #body, .sentence")];
  let field = document.getElementById("body"), waiting = 0;
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
    const old = document.getElementById("frame"), fresh = old.cloneNode();
    fresh.addEventListener("load", () => {
      const title = fresh.contentDocument && fresh.contentDocument.title;
      if (title) document.getElementById("told").textContent = title;
    });
    old.replaceWith(fresh);
    form.requestSubmit(show);
  };
  const follow = () => { clearTimeout(waiting); waiting = setTimeout(refresh, 700); };
  form.addEventListener("input", (event) => { if (event.target.name !== "why") follow(); });
  refresh();
})();
