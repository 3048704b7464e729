// Fills the pages from the JSON API; all text goes through textContent.
"use strict";

const page = document.body.dataset;

const fetchMe = async () => {
  const response = await fetch(`${page.prefix}/me`, {
    headers: { Accept: "application/json" },
    cache: "no-store",
  });
  if (response.status === 401) return null;
  if (!response.ok) throw new Error(`status ${response.status}`);
  return response.json();
};

const show = (name, text) => {
  for (const place of document.querySelectorAll(`[data-value="${name}"]`)) {
    place.textContent = text || "not given";
    place.classList.toggle("soft", !text);
  }
};

const moment = (when) =>
  when.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });

const date = (seconds) => moment(new Date(seconds * 1000));

// Names of others look things up here: nothing is inherited.
const providers = {
  __proto__: null,
  auth0: "E-mail and password",
  "google-oauth2": "Google",
  github: "GitHub",
  facebook: "Facebook",
  apple: "Apple",
};

const initials = (name) =>
  [...name.matchAll(/(?:^|\s)(\p{L})/gu)].map((match) => match[1]).slice(0, 2).join("").toUpperCase() ||
  name.slice(0, 1).toUpperCase();

const showFace = (me, title) => {
  const face = document.getElementById("face");
  face.textContent = initials(title);
  if (!me.userinfo.picture) return;
  const picture = new Image();
  picture.alt = "";
  picture.referrerPolicy = "no-referrer";
  picture.onload = () => face.replaceChildren(picture);
  picture.src = me.userinfo.picture;
};

const showVerified = (me) => {
  const tag = document.getElementById("verified");
  if (!me.email) return;
  tag.hidden = false;
  tag.textContent = me.email_verified ? "verified" : "not verified";
  tag.classList.toggle("warn", !me.email_verified);
};

const showDashboard = (me) => {
  const title = me.name || me.email || me.user_id;
  const provider = me.user_id.split("|")[0];
  const signedIn = me.userinfo.auth_time || me.userinfo.iat;
  show("title", title);
  show("user_id", me.user_id);
  show("name", me.name);
  show("email", me.email);
  show("provider", providers[provider] || provider);
  show("signed_in", signedIn ? date(signedIn) : "");
  show("idle_expires_at", date(me.idle_expires_at));
  show("expires_at", date(me.expires_at));
  document.getElementById("csrf_token").value = me.csrf_token;
  document.getElementById("sign_out").disabled = false;
  showFace(me, title);
  showVerified(me);
  document.getElementById("claims").textContent = JSON.stringify(me.userinfo, null, 2);
  document.getElementById("content").removeAttribute("aria-busy");
  document.dispatchEvent(new CustomEvent("signed-in", { detail: me }));
};

const showWelcome = (me) => {
  document.getElementById("greeting").textContent = `Welcome, ${me.name || me.email || "friend"}`;
  document.getElementById("invitation").textContent = "You are signed in.";
  for (const part of document.querySelectorAll("[data-shown-to]")) {
    part.hidden = part.dataset.shownTo !== "somebody";
  }
};

const start = async () => {
  const me = await fetchMe();
  if (page.page === "welcome" && me) showWelcome(me);
  if (page.page !== "dashboard") return;
  if (me) showDashboard(me);
  else location.replace(`${page.prefix}/login?return_to=${encodeURIComponent(location.pathname)}`);
};

// A page that comes back out of the browser's memory may be of an ended session.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

start().catch(() => {
  const trouble = document.getElementById("trouble");
  if (!trouble) return;
  trouble.hidden = false;
  trouble.textContent = "Your session could not be looked up. Please reload the page in a minute.";
  document.getElementById("content").hidden = true;
});
