// The phone: what a person answers. A test says it beforehand, or meanwhile, or presses the buttons of the page.

import * as ledger from "./ledger.mjs";

const PAGE = (body) => `<!doctype html><html lang="en"><meta charset="utf-8"><title>Test provider</title>
<meta http-equiv="refresh" content="1"><main>${body}</main></html>`;
const escaped = (text) => String(text).replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

function wrong(dialect, client, params) {
  const scopes = params.scope.split(" ");
  const services = scopes.filter((scope) => scope.startsWith("service:")).map((scope) => scope.slice(8));
  const strange = scopes.find((scope) => !scope.startsWith("service:") && !client.scopes.includes(scope));
  if (strange) return { error: "invalid_scope", error_description: `scope ${strange} is not registered` };
  if (!dialect.services.length) return undefined;
  if (services.length !== 1) return { error: "invalid_scope", error_description: "one service code is needed" };
  const addresses = client.services[services[0]];
  if (!addresses) return { error: "invalid_scope", error_description: `service ${services[0]} is not registered` };
  if (addresses.length && !addresses.includes(params.redirect_uri)) {
    return { error: "invalid_request", error_description: "redirect_uri is not registered for this service" };
  }
  return undefined;
}

async function granted(provider, dialect, details, answer) {
  const { params } = details;
  const person = ledger.persons.get(answer.person);
  const grant = new provider.Grant({ accountId: person.sub, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  const wanted = params.claims ? JSON.parse(params.claims) : {};
  grant.addOIDCClaims([...new Set(Object.values(wanted).flatMap((part) => Object.keys(part ?? {})))]);
  const id = await grant.save();
  ledger.approved.set(id, { ...person, ...answer.claims });
  const acr = answer.acr ?? dialect.defaultAcr((params.acr_values ?? "").split(" ").filter(Boolean));
  return {
    login: { accountId: person.sub, amr: ["mfa"], remember: false, ...(acr ? { acr } : {}) },
    consent: { grantId: id },
  };
}

function page(uid) {
  const buttons = [...ledger.persons.values()].map(
    ({ sub, name }) => `<button name="person" value="${escaped(sub)}">${escaped(name ?? sub)}</button>`,
  );
  return PAGE(
    `<h1>Test provider</h1><form method="post">${buttons.join(" ")} <button name="refuse" value="1">Refuse</button></form>`,
  );
}

async function pressed(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  const form = new URLSearchParams(Buffer.concat(parts).toString());
  return form.has("refuse") ? { kind: "refuse" } : { kind: "approve", person: form.get("person") };
}

function answerFor(uid, client) {
  if (ledger.waiting.get(uid)) return ledger.waiting.get(uid);
  if (ledger.waiting.has(uid)) return undefined; // it waits: an answer queued meanwhile is for the next one
  const queue = ledger.answers.get(client) ?? [];
  return queue.shift() ?? ledger.standing.get(client);
}

export async function ring(provider, dialect, request, response) {
  const details = await provider.interactionDetails(request, response);
  const { uid, params } = details;
  const client = ledger.clients.get(params.client_id);
  const first = !ledger.asked.some((one) => one.uid === uid);
  if (first) ledger.asked.push({ uid, client_id: params.client_id, prompt: details.prompt.name, params });
  const refusal = wrong(dialect, client, params);
  const finish = (result) =>
    provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
  if (refusal) return finish(refusal);
  const answer = request.method === "POST" ? await pressed(request) : answerFor(uid, params.client_id);
  if (answer?.kind === "approve") {
    if (answer.code_seconds) ledger.clients.get(params.client_id).codeSeconds = answer.code_seconds;
    return finish(await granted(provider, dialect, details, answer));
  }
  if (answer?.kind === "refuse") return finish({ error: "access_denied", error_description: "the person refused" });
  if (answer?.kind === "error") return finish({ error: answer.error, error_description: answer.description ?? "" });
  if (!ledger.waiting.has(uid)) ledger.waiting.set(uid, undefined);
  response.writeHead(200, { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" });
  return response.end(page(uid));
}
