// Everything the providers remember, in memory: rows by model, clients, persons, the answers they will give.

const rows = new Map();

export const clients = new Map(); // client_id → { metadata, scopes, services, dialect }
export const persons = new Map(); // sub → claims
export const approved = new Map(); // grant → claims, where an answer changed the person's own
export const answers = new Map(); // client_id → answers still to give, in order
export const standing = new Map(); // client_id → the answer when none is waiting
export const asked = []; // what reached the phone
export const waiting = new Map(); // interaction → answer given while it waited

export class Rows {
  constructor(model) {
    this.model = model;
  }

  #key(id) {
    return `${this.model}:${id}`;
  }

  async upsert(id, payload, expiresIn) {
    rows.set(this.#key(id), { payload, until: expiresIn ? Date.now() + expiresIn * 1000 : Infinity });
  }

  async find(id) {
    if (this.model === "Client") return clients.get(id)?.metadata;
    const row = rows.get(this.#key(id));
    return row && row.until > Date.now() ? row.payload : undefined;
  }

  async findByUid(uid) {
    for (const [key, { payload }] of rows) if (key.startsWith("Session:") && payload.uid === uid) return payload;
    return undefined;
  }

  async findByUserCode() {
    return undefined;
  }

  async consume(id) {
    const row = rows.get(this.#key(id));
    if (row) row.payload.consumed = Math.floor(Date.now() / 1000);
  }

  async destroy(id) {
    rows.delete(this.#key(id));
  }

  async revokeByGrantId(grant) {
    for (const [key, { payload }] of rows) if (payload.grantId === grant) rows.delete(key);
  }
}
