// How each of the three providers speaks, as configuration of the certified library.

const ITSME = "http://itsme.services/v2/claim/";
const ACM = "urn:be:vlaanderen:authmech:";
const FAS = "urn:be:fedict:iam:fas:";
const NAMES = ["family_name", "given_name", "name", "gender", "locale", "birthdate"];

const nested = (name) => ({
  [`${name}_signed_response_alg`]: "RS256",
  [`${name}_encrypted_response_alg`]: "RSA-OAEP-256",
  [`${name}_encrypted_response_enc`]: "A128CBC-HS256",
});

export const DIALECTS = {
  itsme: {
    path: "/v2",
    routes: { authorization: "/authorization", token: "/token", userinfo: "/userinfo", jwks: "/jwkset" },
    acrValues: [`${ITSME}acr_basic`, `${ITSME}acr_advanced`],
    scopes: ["openid", "profile", "email", "address", "phone", "eid"],
    // A code's scope must be declared, or the library drops it without a word.
    services: ["PORTAL", "WALL", "OTHER"],
    claims: {
      acr: null,
      openid: ["sub"],
      profile: NAMES,
      email: ["email", "email_verified"],
      phone: ["phone_number", "phone_number_verified"],
      address: ["address"],
      eid: [`${ITSME}BENationalNumber`, `${ITSME}BEeidSn`],
      ...Object.fromEntries(
        ["IDDocumentSN", "identification_mode", "transaction_ip", "ongoing_call", "account", "app", "claim_device",
          "age_gte_16", "age_gte_18", "physical_person_photo"].map((name) => [ITSME + name, null]),
      ),
    },
    claimsOnlyWhereAsked: true,
    audience: (issuer) => `${issuer}/token`,
    codeSeconds: 180,
    defaultAcr: () => undefined, // its ID token names no level
    client: { ...nested("id_token"), ...nested("userinfo"), request_object_signing_alg: "RS256" },
  },
  "acm-idm": {
    path: "/op",
    routes: { authorization: "/v1/auth", token: "/v1/token", userinfo: "/v1/userinfo", jwks: "/v1/keys" },
    acrValues: ["itsme", "eid", "csamtotp", "csamsms", "eidashigh"].map((name) => ACM + name),
    scopes: ["openid", "profile", "rrn", "vo", "wettelijkvertegenwoordiger", "ssm_mandaat"],
    services: [],
    claims: {
      acr: null,
      openid: ["sub"],
      profile: NAMES,
      rrn: ["rrn"],
      vo: ["vo_id", "vo_doelgroepcode", "vo_orgcode", "vo_orgnaam"],
    },
    claimsOnlyWhereAsked: false, // everything stands in the ID token
    audience: (issuer) => issuer,
    codeSeconds: 30,
    defaultAcr: (asked) => asked[0], // comes back only when it was asked for
    client: { id_token_signed_response_alg: "RS256" },
  },
  fas: {
    path: "/fas/oauth2",
    routes: { authorization: "/authorize", token: "/access_token", userinfo: "/userinfo", jwks: "/connect/jwk_uri" },
    acrValues: ["Level450", "Level500", "citizen:Level400", "enterprise:Level300"].map((name) => FAS + name),
    scopes: ["openid", "profile", "egovnrn"],
    services: [],
    claims: {
      acr: null,
      openid: ["sub"],
      profile: ["givenName", "surname", "birthdate", "locale"],
      egovnrn: ["egovNRN"],
    },
    claimsOnlyWhereAsked: true,
    audience: (issuer) => `${issuer}/access_token`,
    codeSeconds: 60,
    defaultAcr: (asked) => asked[0] ?? `${FAS}Level450`,
    client: { id_token_signed_response_alg: "RS256" },
  },
};
