// The pages work without it. What is wrong gets the focus, so that a screen reader begins there.
"use strict";
document.querySelector(".wrong[tabindex]")?.focus();
