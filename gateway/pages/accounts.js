// Connected accounts: the list, the end of one, connecting, and a try of the Token Vault.
// Stands before a0.js, which says when somebody is signed in and has what is shared.
"use strict";

// What people read in the place of a scope.
const scopeTexts = {
  __proto__: null,
  openid: "know who you are",
  profile: "see your name and picture",
  email: "see your e-mail address",
  "read:user": "see your profile",
  "user:email": "see your e-mail addresses",
  "https://www.googleapis.com/auth/calendar": "see and change your calendar",
  "https://www.googleapis.com/auth/calendar.readonly": "see your calendar",
  "https://www.googleapis.com/auth/contacts.readonly": "see your contacts",
  "https://www.googleapis.com/auth/drive.readonly": "see your files",
};

// What went wrong, by the code of the gateway.
const troubleTexts = {
  __proto__: null,
  vault_token_not_found: "There is no permission for this account any more. Please connect it again.",
  vault_reconnect: "The permission for this account was taken back at the provider. Please connect it again.",
  vault_scope_missing: "This account was connected without the permission that this takes.",
  vault_account_ambiguous: "There are several accounts of this provider, and it is not known which one this is. Please connect it again.",
  vault_connection_forbidden: "This account is no longer connected.",
  vault_mfa_required: "The sign-in policy of this application demands a second step, which stands in the way.",
  vault_login_required: "Please sign out and in again.",
  vault_grant_disabled: "This application is not set up for this yet.",
  gw_csrf: "This page is too old. Please reload it.",
  session: "You are signed out. Please reload the page.",
};

const scopeText = (scope) => scopeTexts[scope] || scope;

// "Google" is G, "GitHub" GH.
const glyph = (name) => name.match(/\p{Lu}/gu)?.slice(0, 2).join("") || initials(name);

const part = (root, name) => root.querySelector(`[data-part="${name}"]`);

const fromTemplate = (id) => document.getElementById(id).content.firstElementChild.cloneNode(true);

const element = (name, properties, ...children) => {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
};

// A request to our API; the JSON of a refusal becomes an error.
const call = async (method, path, token) => {
  const headers = { Accept: "application/json" };
  if (token) headers["X-CSRF-Token"] = token;
  const response = await fetch(`${page.prefix}${path}`, { method, headers, cache: "no-store" });
  if (response.status === 204) return null;
  const said = await response.json().catch(() => ({}));
  if (!response.ok) throw Object.assign(new Error(said.error || `status ${response.status}`), { said });
  return said;
};

const troubleText = (error) =>
  troubleTexts[error.said?.error] || "That did not work just now. Please try again in a minute.";

// ---- connecting ----

const hidden = (name, value) => element("input", { type: "hidden", name, value });

const ownFields = (me, connection) => [
  hidden("csrf_token", me.csrf_token),
  hidden("return_to", location.pathname),
  hidden("connection", connection),
];

const box = (scope) =>
  element(
    "label",
    { className: "box", title: scope },
    element("input", { type: "checkbox", name: "scope", value: scope }),
    element("span", {}, scopeText(scope)),
  );

const offer = (me, connection) => {
  const form = fromTemplate("offer");
  const name = providers[connection.strategy] || connection.name;
  part(form, "glyph").textContent = glyph(name);
  part(form, "title").textContent = name;
  part(form, "submit").textContent = `Connect ${name}`;
  if (connection.extra_scopes.length > 0) {
    part(form, "extra").append(...connection.extra_scopes.map(box));
    part(form, "extra").hidden = false;
    part(form, "identity").hidden = true;
  }
  form.append(...ownFields(me, connection.name));
  return form;
};

// A button that leads to the provider again, for what was missing.
const reconnect = (me, account, wanted) => {
  const form = element("form", { method: "post", action: `${page.prefix}/connect` });
  form.append(...ownFields(me, wanted.connection));
  if (wanted.scope) form.append(hidden("scope", wanted.scope));
  if (account.email) form.append(hidden("login_hint", account.email));
  form.append(element("button", { className: "button slim", type: "submit" }, "Connect again"));
  return form;
};

// ---- the vault ----

const whenOf = (start) => {
  const isDay = /^\d{4}-\d\d-\d\d$/.test(start);
  const date = new Date(isDay ? `${start}T00:00` : start || NaN);
  if (Number.isNaN(date.getTime())) return "";
  return isDay ? date.toLocaleDateString(undefined, { dateStyle: "medium" }) : moment(date);
};

const eventItem = (event) =>
  element(
    "li",
    {},
    element("time", { dateTime: event.start, className: "soft small" }, whenOf(event.start)),
    element("span", {}, event.summary || "(no title)"),
  );

const showEvents = (place, { calendar, events }) => {
  const list = element("ul", { className: "events" }, ...events.map(eventItem));
  place.replaceChildren(
    element("h4", {}, calendar ? `Calendar of ${calendar}` : "Your calendar"),
    events.length > 0 ? list : element("p", { className: "soft" }, "Nothing is planned."),
  );
};

// One thing at a time with an account. A button that is disabled would lose the focus.
const busy = async (row, act) => {
  if (row.ariaBusy === "true") return;
  const buttons = [part(row, "try"), part(row, "disconnect")];
  row.ariaBusy = "true";
  for (const button of buttons) button.ariaDisabled = "true";
  await act();
  for (const button of buttons) button.ariaDisabled = null;
  row.ariaBusy = null;
};

const tryOut = async (me, account, row) => {
  const place = part(row, "result");
  place.hidden = false;
  place.classList.remove("trouble");
  place.replaceChildren(element("p", { className: "soft" }, "Asking the provider …"));
  try {
    const said = await call(
      "POST", `/connected-accounts/${encodeURIComponent(account.id)}/try-out`, me.csrf_token);
    showEvents(place, said);
  } catch (error) {
    place.classList.add("trouble");
    place.replaceChildren(element("p", {}, troubleText(error)));
    if (error.said?.connect) place.append(reconnect(me, account, error.said.connect));
  }
};

// ---- the list ----

const confirmed = (name) =>
  new Promise((resolve) => {
    const dialog = document.getElementById("confirm");
    document.getElementById("confirm_name").textContent = name;
    dialog.returnValue = "no";
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
    dialog.showModal();
  });

const disconnect = async (me, account, row, name) => {
  if (!(await confirmed(name))) return;
  const place = part(row, "result");
  try {
    await call("DELETE", `/connected-accounts/${encodeURIComponent(account.id)}`, me.csrf_token);
    await showAccounts(me, `${name} is no longer connected.`);
  } catch (error) {
    place.hidden = false;
    place.classList.add("trouble");
    place.replaceChildren(element("p", {}, troubleText(error)));
  }
};

const accountRow = (me, account) => {
  const row = fromTemplate("account");
  const provider = providers[account.provider] || providers[account.connection] || account.connection;
  const name = account.email || `${provider} account`;
  part(row, "glyph").textContent = glyph(provider);
  part(row, "title").textContent = name;
  part(row, "title").id = `account-${account.id}`;
  part(row, "provider").textContent = provider;
  const since = whenOf(account.created_at);
  part(row, "since").textContent = since && ` · connected ${since}`;
  part(row, "scopes").append(
    ...account.scopes.map((scope) => element("li", { title: scope }, scopeText(scope))),
  );
  if (account.email) {
    part(row, "verified").hidden = false;
    part(row, "verified").textContent = account.email_verified ? "verified" : "not verified";
    part(row, "verified").classList.toggle("warn", !account.email_verified);
  }
  part(row, "try").hidden = !account.can_try_out;
  part(row, "try").addEventListener("click", () => busy(row, () => tryOut(me, account, row)));
  part(row, "disconnect").addEventListener("click", () => busy(row, () => disconnect(me, account, row, name)));
  for (const button of [part(row, "try"), part(row, "disconnect")]) {
    button.setAttribute("aria-describedby", part(row, "title").id);
  }
  return row;
};

const retry = (again) => {
  const button = element("button", { className: "button quiet slim", type: "button" }, "Try again");
  button.addEventListener("click", again);
  return button;
};

// Fills a place from the API, or says why it is empty. The focus stays in its section.
const fill = async (place, path, make, again) => {
  const show = (content) => {
    const hadFocus = place.contains(document.activeElement);
    place.replaceChildren(content);
    if (hadFocus) place.closest("section").querySelector("h2").focus();
  };
  try {
    show(make(await call("GET", path)));
  } catch (error) {
    show(element(
      "div", { className: "empty" },
      element("p", { role: "alert" }, troubleText(error)), retry(again),
    ));
  }
  place.removeAttribute("aria-busy");
};

const showAccounts = (me, done = "") => {
  const place = document.getElementById("accounts_done");
  place.textContent = done;
  place.hidden = !done;
  return fill(document.getElementById("accounts_place"), "/connected-accounts", ({ accounts }) => {
    if (accounts.length === 0) return element("p", { className: "empty" }, "No account is connected yet.");
    return element("ul", { className: "accounts" }, ...accounts.map((account) => accountRow(me, account)));
  }, () => showAccounts(me));
};

const showOffers = (me) =>
  fill(document.getElementById("connect_place"), "/connected-accounts/connections", ({ connections }) => {
    const offers = document.createDocumentFragment();
    offers.append(...connections.map((connection) => offer(me, connection)));
    if (connections.length === 0) {
      offers.append(element("p", { className: "empty" }, "There is nothing to connect at the moment."));
    }
    return offers;
  }, () => showOffers(me));

document.addEventListener("signed-in", ({ detail: me }) => {
  if (page.connect !== "on") return;
  document.getElementById("accounts_card").hidden = false;
  document.getElementById("connect_card").hidden = false;
  showAccounts(me);
  showOffers(me);
});
