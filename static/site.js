// Comforts for guests whose browser runs scripts; the site does all of its work without them.
"use strict";

// Say which page the guest is on.
for (const link of document.querySelectorAll("header nav a")) {
  if (link.pathname === location.pathname) link.setAttribute("aria-current", "page");
}

// Buttons for one more and one fewer beside a number of portions.
for (const input of document.querySelectorAll("input[type=number]")) {
  const name = input.getAttribute("aria-label") || input.labels[0].textContent;
  const step = (sign, words, move) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = sign;
    button.setAttribute("aria-label", `${words}: ${name}`);
    button.addEventListener("click", move);
    return button;
  };
  const box = document.createElement("span");
  box.className = "stepper";
  input.replaceWith(box);
  box.append(
    step("−", "One fewer", () => input.stepDown()),
    input,
    step("+", "One more", () => input.stepUp()),
  );
}

// An order is sent once: the button rests until the answer comes, or until the guest comes back.
for (const form of document.querySelectorAll("form.order")) {
  const button = form.querySelector("button");
  form.addEventListener("submit", () => setTimeout(() => (button.disabled = true)));
  addEventListener("pageshow", () => (button.disabled = false));
}

// Say how much room is left, once it grows tight.
for (const text of document.querySelectorAll("textarea[maxlength]")) {
  const left = document.createElement("span");
  left.className = "left";
  left.setAttribute("role", "status");
  text.after(left);
  text.addEventListener("input", () => {
    const room = text.maxLength - text.value.length;
    left.textContent = room <= 500 ? `Room for ${room} more characters.` : "";
  });
}
