// The certified provider, three dialects in one process. Reads its settings as JSON from standard input:
// {"origin": where the world sees it, "keys": {dialect: JWKS with private keys}}. Prints one JSON line when it stands.

import { randomBytes } from "node:crypto";
import { createServer } from "node:http";

import { errors, Provider } from "oidc-provider";

import { DIALECTS } from "./dialects.mjs";
import * as ledger from "./ledger.mjs";
import { ring } from "./phone.mjs";

// Without what an error carries along: that may be a key.
process.on("uncaughtException", (error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});

let ahead = 0;
const machine = Date.now.bind(Date);
Date.now = () => machine() + ahead;

function configuration(name, dialect, issuer, jwks) {
  return {
    adapter: ledger.Rows,
    jwks,
    acrValues: dialect.acrValues,
    scopes: [...dialect.scopes, ...dialect.services.map((code) => `service:${code}`)],
    claims: dialect.claims,
    conformIdTokenClaims: dialect.claimsOnlyWhereAsked,
    routes: dialect.routes,
    responseTypes: ["code"],
    subjectTypes: ["public"],
    clientAuthMethods: ["private_key_jwt", "client_secret_post", "client_secret_basic"],
    clockTolerance: 0,
    cookies: { keys: [randomBytes(16).toString("hex")], names: { session: `_${name}`, interaction: `_${name}_phone`, resume: `_${name}_resume` } },
    enabledJWA: {
      idTokenSigningAlgValues: ["RS256"],
      idTokenEncryptionAlgValues: ["RSA-OAEP-256"],
      idTokenEncryptionEncValues: ["A128CBC-HS256", "A256CBC-HS512"],
      userinfoSigningAlgValues: ["RS256"],
      userinfoEncryptionAlgValues: ["RSA-OAEP-256"],
      userinfoEncryptionEncValues: ["A128CBC-HS256", "A256CBC-HS512"],
      requestObjectSigningAlgValues: ["RS256"],
      requestObjectEncryptionAlgValues: ["RSA-OAEP-256"],
      requestObjectEncryptionEncValues: ["A128CBC-HS256", "A256CBC-HS512"],
      clientAuthSigningAlgValues: ["RS256"],
    },
    features: {
      devInteractions: { enabled: false },
      encryption: { enabled: name === "itsme" },
      requestObjects: { enabled: name === "itsme" },
      claimsParameter: { enabled: name === "itsme" },
      jwtUserinfo: { enabled: true },
      revocation: { enabled: true },
      rpInitiatedLogout: { enabled: false },
    },
    pkce: { required: () => true },
    interactions: { url: (_, interaction) => `${dialect.path}/phone/${interaction.uid}` },
    assertJwtClientAuthClaimsAndHeader: async (_, claims) => {
      if (claims.aud !== dialect.audience(issuer)) throw new errors.InvalidClientAuth("aud is not what this provider asks");
    },
    findAccount: (_, sub, token) => ({
      accountId: sub,
      claims: () => ({ ...(ledger.approved.get(token?.grantId) ?? ledger.persons.get(sub)), sub }),
    }),
    expiresWithSession: () => false,
    ttl: {
      AccessToken: 300,
      AuthorizationCode: (_, __, client) => ledger.clients.get(client.clientId).codeSeconds,
      Grant: 600,
      IdToken: 300,
      Interaction: 600,
      Session: 600
    },
    // The library refuses to fetch from this machine; here everybody lives on it.
    fetch: (url, { dispatcher, ...options }) => globalThis.fetch(url, options),
    renderError: (ctx, out) => {
      ctx.type = "json";
      ctx.body = out;
    },
  };
}

// What a token says goes along to the line in front, which can then forge one thing of it and leave the rest.
function tellClaims(provider) {
  const payload = provider.IdToken.prototype.payload;
  provider.IdToken.prototype.payload = async function told() {
    const claims = await payload.call(this);
    this.ctx?.set("x-claims", Buffer.from(JSON.stringify(claims)).toString("base64url"));
    return claims;
  };
}

function stand(origin, name, jwks) {
  const dialect = DIALECTS[name];
  const issuer = origin + dialect.path;
  const provider = new Provider(issuer, configuration(name, dialect, issuer, jwks));
  tellClaims(provider);
  provider.on("server_error", (_, error) => process.stderr.write(`${name}: ${error.stack}\n`));
  provider.on("grant.error", (_, error) => process.stderr.write(`${name}: ${error.message}: ${error.error_detail}\n`));
  return { dialect, provider, answer: provider.callback() };
}

const ORDERS = {
  "/clients": ({ dialect, metadata, scopes, services }) => {
    const { client, codeSeconds } = DIALECTS[dialect];
    const whole = { grant_types: ["authorization_code"], response_types: ["code"], token_endpoint_auth_method: "private_key_jwt",
      token_endpoint_auth_signing_alg: "RS256", ...client, ...metadata };
    ledger.clients.set(metadata.client_id, { metadata: whole, scopes: scopes ?? DIALECTS[dialect].scopes, services, codeSeconds });
  },
  "/persons": (claims) => ledger.persons.set(claims.sub, claims),
  "/answers": ({ client_id, answer }) => ledger.answers.set(client_id, [...(ledger.answers.get(client_id) ?? []), answer]),
  "/standing": ({ client_id, answer }) => ledger.standing.set(client_id, answer ?? undefined),
  "/waiting": ({ uid, answer }) => ledger.waiting.set(uid, answer),
  "/asked": ({ client_id }) => ledger.asked.filter((one) => one.client_id === client_id),
  "/clock": ({ seconds }) => {
    ahead = seconds * 1000;
  },
};

async function obey(request, response) {
  const parts = [];
  for await (const part of request) parts.push(part);
  const result = ORDERS[request.url](JSON.parse(Buffer.concat(parts).toString()));
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(Array.isArray(result) ? result : null));
}

const listening = (server) =>
  new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server.address().port)));

const input = [];
for await (const part of process.stdin) input.push(part);
const { origin, keys } = JSON.parse(Buffer.concat(input).toString());
const standing = Object.keys(DIALECTS).map((name) => stand(origin, name, keys[name]));

// Like itsme: nobody is still signed in, whoever used this browser before.
function forget(request) {
  const kept = (request.headers.cookie ?? "").split("; ").filter((one) => !/^_[a-z-]+(\.sig)?=/.test(one));
  request.headers.cookie = kept.join("; ");
}

const front = createServer(async (request, response) => {
  const one = standing.find(({ dialect }) => request.url.startsWith(`${dialect.path}/`));
  if (!one) return response.writeHead(404).end();
  try {
    if (request.url.startsWith(`${one.dialect.path}/phone/`)) {
      return await ring(one.provider, one.dialect, request, response);
    }
    forget(request);
    request.originalUrl = request.url;
    request.url = request.url.slice(one.dialect.path.length);
    return await one.answer(request, response);
  } catch (error) {
    process.stderr.write(`${error.stack}\n`);
    return response.writeHead(400, { "content-type": "text/plain" }).end(error.message);
  }
});

const ports = { front: await listening(front), control: await listening(createServer(obey)) };
process.stdout.write(`${JSON.stringify(ports)}\n`);
