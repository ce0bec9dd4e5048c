/** Why something failed, and what can be done about it, in words that have nothing of the server's. */
export interface Reason {
  readonly what: string;
  readonly hint?: string;
  /** It will be so at the next try, too. */
  readonly isFinal?: true;
}

const CALL_AGAIN = "the same call may be made again.";
export const USUAL_HINT = `See whether the server runs and lets this machine in; ${CALL_AGAIN}`;

/** The certificate is one that this program has no reason to believe: it has sent nothing that was asked of it. */
const untrusted: Reason = {
  what: "its certificate was signed by none that this program believes",
  hint: "Let sslrootcert in the address name the file with the certificate of the authority that signed it.",
  isFinal: true,
};
const noWay: Reason = {
  what: "there is no way there",
  hint: `See whether this machine is connected to that network; ${CALL_AGAIN}`,
};
export const speaksNoTls: Reason = {
  what: "it does not speak TLS",
  hint: "Switch TLS on in the server (ssl = on); where the way to it is safe, spell out sslmode=disable in the address.",
  isFinal: true,
};
export const silent: Reason = {
  what: "it does not answer",
  hint: `See whether the server is well, and whether a firewall swallows what is sent there; ${CALL_AGAIN}`,
};

/** By what the server says: its SQLSTATE. */
const ofServer: Readonly<Record<string, Reason>> = {
  "08P01": { what: "what stands before the server refused", hint: "Look at the log of the pooler: it says why." },
  "23514": { what: "it is longer than the store takes", hint: "A record may have 4 MiB." },
  "25006": { what: "the server takes no writes" },
  "28000": {
    what: "the server does not let this user in from here",
    hint: "It takes a line in its pg_hba.conf for this user, this database and this machine, and a role that has LOGIN.",
    isFinal: true,
  },
  "28P01": {
    what: "the server refused the password",
    hint: "Look at the user and at the password: kaizen-metrics store says where that comes from.",
    isFinal: true,
  },
  "3D000": {
    what: "there is no such database",
    hint: "Look at its name, the last part of the address; or let its administrator create it.",
    isFinal: true,
  },
  "42501": {
    what: "the role that this program connects as may not do that",
    hint: "Pruning, voiding and moving need the role kaizen_keeper; recording needs kaizen_writer.",
  },
  "53100": { what: "the server's disk is full" },
  "53300": {
    what: "the server has no connection left",
    hint: "Let fewer processes connect at once, or put a pooler in front of the server.",
  },
  "55P03": { what: "another writer held the rows for too long" },
  "57014": { what: "the server broke it off" },
  "57P03": { what: "the server is starting or stopping", hint: `Wait until it is up; ${CALL_AGAIN}` },
};

/** By what the network, or TLS on this side of it, says. */
const ofWay: Readonly<Record<string, Reason>> = {
  EAI_AGAIN: {
    what: "its name could not be looked up",
    hint: `See whether this machine is connected; ${CALL_AGAIN}`,
  },
  ECONNREFUSED: {
    what: "nothing answers there",
    hint: `See whether the server runs, and listens on this address and port; ${CALL_AGAIN}`,
  },
  ECONNRESET: { what: "it broke the connection off" },
  EHOSTUNREACH: noWay,
  ENETUNREACH: noWay,
  ENOTFOUND: { what: "there is no such host", hint: "Look at the host's name in the address." },
  ETIMEDOUT: silent,
  CERT_HAS_EXPIRED: {
    what: "its certificate has expired",
    hint: "Let its administrator renew it; or look at the clock of this machine.",
    isFinal: true,
  },
  CERT_NOT_YET_VALID: {
    what: "its certificate does not hold yet",
    hint: "Look at the clocks of this machine and of who made it.",
    isFinal: true,
  },
  CERT_UNTRUSTED: untrusted,
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  ERR_TLS_CERT_ALTNAME_INVALID: {
    what: "its certificate is for another name than that of the address",
    hint: "Write the host into the address as the certificate has it.",
    isFinal: true,
  },
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
};

/** Who may log in, to which database, and what is there for them. */
const ofLogin = /^(?:28|3D|42)/;
const inTls: Reason = {
  what: "no encrypted connection could be agreed on",
  hint: "Look at the server's certificate and at the versions of TLS that it speaks.",
};
/** What else OpenSSL says: of a certificate that it refuses, and of a connection that did not come about. */
const ofCertificate = /^(?:CERT_|CRL_|UNABLE_TO_|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH|HOSTNAME_MISMATCH|ERR_TLS)/;
const ofTls = /^(?:ERR_SSL|ERR_OSSL|EPROTO$)/;

/** A code of the way to the server; every other one is of the server itself. */
export function isOfWay(code: string): boolean {
  return code in ofWay || ofCertificate.test(code) || /^E[A-Z_]+$/.test(code);
}

/** What a code says; `undefined` if nothing is known of it. */
export function reasonFor(code: string): Reason | undefined {
  const known = ofServer[code] ?? ofWay[code];
  if (known !== undefined) return known;
  if (ofLogin.test(code)) return { what: "the server refused", isFinal: true };
  if (ofCertificate.test(code)) return { ...inTls, isFinal: true };
  return ofTls.test(code) ? inTls : undefined;
}
